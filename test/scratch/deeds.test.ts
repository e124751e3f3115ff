import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { onlyFor } from "../support/only-for.ts";
import { findPeople } from "../support/person.ts";
import { Trial } from "./trial.ts";

/** What was there before, as `find` tells it; times but of new folders, sizes on disk, attributes. */
const tell = `import os, stat, sys
def tell(path):
    info = os.lstat(path)
    kind = stat.S_IFMT(info.st_mode)
    words = [os.fsencode(os.path.relpath(path, sys.argv[1])).decode("latin1").encode("unicode_escape").decode(), oct(info.st_mode)]
    if kind == stat.S_IFLNK: words.append(os.readlink(path))
    else: words += ["%s=%s" % (name, os.getxattr(path, name)) for name in sorted(os.listxattr(path)) if name.startswith("user.")]
    if kind == stat.S_IFREG:
        words += [str(info.st_size), str(info.st_mtime_ns), "holes" if info.st_blocks * 512 < info.st_size else "full"]
        if info.st_mode & 0o400: words.append(str(hash(open(path, "rb").read()) and open(path, "rb").read(40)))
    print(*words)
for folder, names, files in os.walk(os.fsencode(sys.argv[1]).decode(errors="surrogateescape")):
    if ".git" in names: names.remove(".git")
    names.sort()
    for name in sorted(names + files): tell(os.path.join(folder, name))
`;

const before = `import os
def write(path, text): open(path, "w").write(text); os.utime(path, (1e9, 1e9))
for folder in ["moved/in", "becomes-file", "emptied", "closed", "kept"]: os.makedirs(folder)
for path in ["moved/a", "moved/in/b", "becomes-file/c", "emptied/d", "closed/e", "kept/f", "becomes-folder", "gone", "text"]:
    write(path, path + "\\n")
write("attributes", "same\\n"); os.setxattr("attributes", "user.old", b"1")
os.symlink("text", "link")
write("one", "linked\\n"); os.link("one", "two")
open("holes", "w").truncate(8 << 20)
open(b"caf\\xe9", "w").write("latin\\n")
write("secret", ""); os.chmod("secret", 0); os.chmod("closed", 0o555)
`;

const deeds = `import os, shutil
os.rename("kept/f", "kept/g")
shutil.move("moved", "renamed")
shutil.rmtree("becomes-file"); open("becomes-file", "w").write("now a file\\n")
os.remove("becomes-folder"); os.mkdir("becomes-folder"); open("becomes-folder/new", "w").write("x\\n")
shutil.rmtree("emptied"); os.mkdir("emptied")
os.chmod("closed", 0o755); open("closed/e", "a").write("more\\n"); open("closed/new", "w").write("x\\n"); os.chmod("closed", 0o555)
os.remove("gone")
open("text", "a").write("more\\n"); os.utime("text", ns=(10**18 + 5, 10**18 + 7))
os.removexattr("attributes", "user.old"); os.setxattr("attributes", "user.new", b"2")
os.remove("link"); os.symlink("nowhere", "link")
with open("holes", "a") as file: file.seek(0, 2); file.write("end")
open(b"caf\\xe9", "a").write("more\\n"); open(b"\\xff new\\n", "w").write("x")
os.mkfifo("pipe", 0o640)
os.makedirs("read-only/in"); open("read-only/in/x", "w").write("x"); os.chmod("read-only/in", 0o555); os.chmod("read-only", 0o555)
open("dark", "w").write("x"); os.chmod("dark", 0)
open("one", "a").write("more\\n")
`;

describe.each(findPeople().map((person) => ({ person, name: person.name })))("what commands do in a scratch (as $name)", ({ person }) => {
  let installation: Installation;
  let trial: Trial;

  beforeAll(() => {
    installation = copyInstallation();
  });
  afterAll(() => installation.remove());

  beforeEach(() => {
    trial = new Trial(person, installation);
  });
  afterEach(() => trial.remove());

  test.each(["overlay", "copy", "proot"])("is in the real tree once it is kept, and nowhere before: by %s", (way) => {
    trial.python(before);
    const was = trial.python(tell, trial.repository);
    trial.say("--way", way, "--", "python3", "-c", deeds);
    const seen = trial.say("--", "python3", "-c", tell, ".");
    expect(trial.python(tell, trial.repository)).toBe(was);
    expect(trial.stat()).toEqual(
      expect.arrayContaining(["D  moved/", "A  renamed/in/b", "M  becomes-file  (was a folder)", "M  attributes"]),
    );
    expect(trial.stat()).toEqual(expect.arrayContaining(["M  becomes-folder/  (was a file)", "D  emptied/d", "A  pipe", "M  closed/e"]));
    expect(trial.say("diff")).toContain("M  holes  (binary)\n");
    trial.say("keep");
    expect(trial.python(tell, trial.repository)).toBe(seen);
    expect(readdirSync(trial.repository).filter((name) => name.startsWith(".qpod"))).toEqual([]);
    expect(trial.say("list")).toMatch(/^no scratch/);
  });

  test.each(["overlay", "copy"])("is refused where the real tree was changed in the same places: by %s", (way) => {
    trial.python(before);
    trial.say("--way", way, "--", "python3", "-c", deeds);
    trial.write("home/src/tool/becomes-file/c", "somebody else\n");
    trial.write("home/src/tool/text", "somebody else\n");
    trial.must(["sh", "-c", "chmod u+w closed; rm -r closed"]);
    expect(trial.scratch("keep").stderr).toMatch(
      /^qpod: not applied.*: becomes-file \(c was changed since\), closed \(it was removed since\), .*text \(it was changed since\)/,
    );
    expect(readFileSync(trial.real("becomes-file/c"), "utf8")).toBe("somebody else\n");
    expect(existsSync(trial.real("moved/a"))).toBe(true);
    expect(readdirSync(trial.repository).filter((name) => name.startsWith(".qpod"))).toEqual([]);
  });

  test("may be to the folder's own permissions, which it shows as they are", () => {
    chmodSync(trial.repository, 0o750);
    expect(trial.say("--", "sh", "-c", "stat -c %a .; chmod 705 .")).toBe("750\n");
    expect(trial.stat()).toEqual(["M  ./"]);
    trial.say("keep");
    expect(lstatSync(trial.repository).mode & 0o777).toBe(0o705);
  });

  test("is not mixed up with what somebody does in the real tree meanwhile", () => {
    for (const name of ["a/one", "a/two", "b"]) trial.write(`home/src/tool/${name}`, `${name}\n`);
    trial.say("--way", "copy", "--", "sh", "-c", "echo x > mine");
    trial.run(["rm", "-r", "a"]);
    trial.write("home/src/tool/theirs", "x\n");
    utimesSync(trial.real("b"), 1, 1);
    expect(trial.stat()).toEqual(["A  mine"]);
  });

  test("goes into one scratch when two begin it at once", async () => {
    const both = ["one", "two"].map((name) => trial.start("--way", "copy", "--", "sh", "-c", `echo x > ${name}`));
    expect(await Promise.all(both)).toEqual([0, 0]);
    expect(trial.stat()).toEqual(["A  one", "A  two"]);
  });

  test("does not begin in a copy that was never finished", () => {
    trial.write("home/src/tool/a", "a\n");
    trial.say("--way", "copy", "--", "true");
    const record = trial.find("record.json");
    writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, "utf8")), ready: 0 }));
    execFileSync("rm", [join(trial.find("store"), "merged/a")]);
    expect(trial.scratch("diff").stderr).toMatch(/^qpod: there is no scratch of /);
    expect(trial.say("--way", "copy", "--", "cat", "a")).toBe("a\n");
    expect(trial.say("diff")).toBe("nothing was changed\n");
  });

  onlyFor(person.uid !== 0, test.runIf(process.getuid?.() === 0))("leaves alone what they may not read", () => {
    mkdirSync(trial.real("roots"), { mode: 0o700 });
    writeFileSync(trial.real("roots/in"), "x");
    writeFileSync(trial.real("root's"), "secret\n", { mode: 0o600 });
    expect(trial.scratch("--way", "copy", "--", "cat", "root's").stderr).toMatch(/Permission denied/);
    expect(trial.say("diff")).toBe("nothing was changed\n");
    trial.say("--", "rm", "-f", "root's");
    expect(trial.stat()).toEqual(["D  root's"]);
    trial.say("keep");
    expect(readdirSync(trial.repository).sort()).toEqual([".git", "roots"]);
    expect(existsSync(trial.real("roots/in"))).toBe(true);
  });

  test("is done on a copy in which git's objects are the same files, where blocks cannot be shared", () => {
    trial.run(["sh", "-c", "echo x > x; git add x; git -c user.name=Q -c user.email=q@example.com commit -qm x; ln -s x y"]);
    trial.say("--way", "copy", "--", "git", "repack", "-adq");
    const cloned = trial.run(["cp", "--reflink=always", "x", "z"]).status === 0;
    trial.say("--", "sh", "-c", "echo y > x; git -c user.name=Q -c user.email=q@example.com commit -qam y");
    const [packs, copies] = ["objects/pack", ""].map((at) => join(trial.find("store"), "merged/.git", at));
    expect(readdirSync(packs ?? "").filter((name) => name.endsWith(".pack"))).toHaveLength(1);
    trial.say("keep");
    expect(trial.run(["git", "log", "--format=%s"]).stdout).toBe("y\nx\n");
    expect(trial.run(["git", "fsck", "--strict"]).status).toBe(0);
    trial.say("--way", "copy", "--", "true");
    const pack = readdirSync(trial.real(".git/objects/pack")).find((name) => name.endsWith(".pack")) ?? "";
    const isSame = lstatSync(join(copies ?? "", "objects/pack", pack)).ino === lstatSync(trial.real(`.git/objects/pack/${pack}`)).ino;
    // Root could write into them.
    expect(isSame).toBe(!cloned && person.uid !== 0);
  });
});
