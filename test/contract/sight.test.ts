import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { everywhere } from "./everywhere.ts";

everywhere(
  "what is seen of the host",
  "",
  (sandbox) => {
    beforeAll(() => {
      sandbox().makeFolder("shared");
      sandbox().makeFolder("settled");
      sandbox().write("shared/file", "from the host\n");
      sandbox().write("home/private", "of the home folder\n");
    });

    /** A repository of its own, bound to an environment with more in its definition. */
    function settle(name: string, more: string): string {
      sandbox().define(name, more);
      const repository = sandbox().makeRepository(join(sandbox().home, "src", name));
      expect(sandbox().command(["init", name], { cwd: repository })).toMatchObject({ status: 0, stderr: "" });
      return repository;
    }

    test("is the repository, with nothing of the home folder, which keeps what is put there", async () => {
      const { home, repository } = sandbox();
      sandbox().program(
        "look",
        'ls ~ && ls -A ~/src; cat ~/private 2>/dev/null; echo kept > ~/.settings; echo "$HOME"; echo made > made-inside',
      );
      expect(await sandbox().say("./look")).toBe(`src\ntool\n${home}`);
      expect(existsSync(join(home, ".settings"))).toBe(false);
      sandbox().program("again", "cat ~/.settings");
      expect(await sandbox().say("./again")).toBe("kept");
      expect(readFileSync(join(repository, "made-inside"), "utf8")).toBe("made\n");
      expect(statSync(join(repository, "made-inside"))).toMatchObject({ uid: sandbox().person.uid, gid: sandbox().person.gid });
    });

    test("are devices, processes, /tmp and the user's name", async () => {
      const { person } = sandbox();
      sandbox().program(
        "world",
        `echo x > /dev/null; head -c 4 /dev/zero | wc -c; test -d /proc/${process.pid} && echo process; id -un; id -gn; ls -d ~`,
      );
      const group = sandbox().must(["id", "-gn"]).trim();
      expect(await sandbox().say("./world")).toBe(`4\nprocess\n${person.name}\n${group}\n${sandbox().home}`);
      sandbox().program("temporary", 'file=$(mktemp) && echo inside > "$file" && echo "$file"');
      expect(await sandbox().say("file=$(./temporary); cat $file; rm $file")).toBe("inside");
    });

    test("are the mounts of the environment, some of them read-only", async () => {
      const { folder } = sandbox();
      const repository = settle(
        "mounting",
        `mounts: ["${folder}/shared:/opt/shared:ro", "${folder}/settled", {source: "${folder}/shared/file", target: /opt/one}]\n`,
      );
      sandbox().write(
        "home/src/mounting/look",
        `#!/bin/sh\ncat /opt/shared/file /opt/one; echo x 2>/dev/null > /opt/shared/new || echo refused; echo y > ${folder}/settled/new\n`,
        0o755,
      );
      const { status, stdout } = await sandbox().session("./look", { cwd: repository });
      expect([status, stdout]).toEqual([0, "from the host\nfrom the host\nrefused\n"]);
      expect(readFileSync(join(folder, "settled/new"), "utf8")).toBe("y\n");
      expect(existsSync(join(folder, "shared/new"))).toBe(false);
    });

    test("is the home folder, if it is shared", async () => {
      const repository = settle("sharing", "share: [home]\n");
      sandbox().write("home/src/sharing/look", "#!/bin/sh\ncat ~/private; echo inside > ~/from-inside\n", 0o755);
      expect(await sandbox().say("./look", { cwd: repository })).toBe("of the home folder");
      expect(statSync(join(sandbox().home, "from-inside")).uid).toBe(sandbox().person.uid);
    });

    test("is the repository under a fixed path, and commands run there", async () => {
      const repository = settle("fixed", "path: /qpod\n");
      sandbox().makeFolder("home/src/fixed/sub");
      sandbox().write("home/src/fixed/look", "#!/bin/sh\npwd; echo $0; echo made > made\n", 0o755);
      sandbox().write("home/src/fixed/Makefile", "all:\n\t@pwd\n");
      const sub = join(repository, "sub");
      expect(await sandbox().say("../look; make -f ../Makefile", { cwd: sub })).toBe("/qpod/sub\n../look\n/qpod/sub");
      expect(await sandbox().say(`${repository}/look`, { cwd: sub })).toBe("/qpod/sub\n/qpod/look");
      expect(existsSync(join(sub, "made"))).toBe(true);
      writeFileSync(join(repository, "program.c"), "int main(void) { return 0; }\n");
      expect(await sandbox().say("gcc -g -o program program.c && strings program | grep -x /qpod; true", { cwd: repository })).toBe(
        "/qpod",
      );
      // Under its own path it is there as well.
      expect(sandbox().command(["run", "ls", join(repository, "look")], { cwd: repository }).stdout).toBe(`${repository}/look\n`);
    });
  },
  "main",
);
