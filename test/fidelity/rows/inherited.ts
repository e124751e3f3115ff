import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row, Value } from "../way.ts";

/** A row that only looks at one part of what a prepared command sees. */
const seen = (name: string, pick: (said: { [key: string]: Value }) => Value, more: Partial<Row> = {}): Row => ({
  name,
  terminal: "both",
  async see(visit) {
    const { said } = await visit.snapshot();
    if (!("v" in said)) throw new Error("it did not run");
    return pick(said);
  },
  ...more,
});

/** What a command inherits from its caller. */
export const inherited: Row[] = [
  seen("user and group", ({ uid, gid }) => `${uid}:${gid}`),
  seen("supplementary groups, as numbers", ({ groups }) => groups, {
    because:
      "A user namespace of an ordinary user's can show their own group only; the kernel gives every other the number 65534. The rights of the groups hold, as the next row shows.",
  }),
  {
    name: "files of a supplementary group can be read",
    terminal: "both",
    async see(visit) {
      const file = join(visit.way.repository, "of-a-group");
      writeFileSync(file, "");
      chmodSync(file, 0o040);
      chownSync(file, 12345, 4);
      const { said } = await visit.run({ probe: ["openable", file] });
      rmSync(file);
      return said.opened === 1;
    },
  },
  {
    name: "files belong to who made them, less the umask",
    terminal: "both",
    async see(visit) {
      const out = visit.newFile();
      await visit.run({ set: ["--umask", "027"], command: [visit.probe, out, "say"] });
      const { uid, gid, mode } = statSync(out);
      rmSync(out);
      return `${uid}:${gid} ${(mode & 0o777).toString(8)}`;
    },
  },
  seen("umask", ({ umask }) => Number(umask).toString(8)),
  seen("resource limits, all sixteen, soft and hard", ({ limits }) => limits),
  seen("nice value", ({ nice }) => nice),
  seen("processor affinity", ({ processors }) => processors),
  seen("ignored signals", ({ SigIgn }) => SigIgn),
  seen("blocked signals", ({ SigBlk }) => SigBlk),
  seen("control groups", ({ cgroup }) => (cgroup === readFileSync("/proc/self/cgroup", "utf8") ? "the caller's" : "others")),
  seen("no confinement (seccomp, no_new_privs)", ({ Seccomp, NoNewPrivs }) => `${Seccomp} ${NoNewPrivs}`),
  seen("descriptors 3 to 20, the caller's own file", ({ descriptors }) =>
    (descriptors as string[])
      .filter((one) => Number.parseInt(one, 10) >= 3 && Number.parseInt(one, 10) <= 20)
      .map((one) => one.replace(/ \d+$/, "")),
  ),
  seen("no other descriptors", ({ descriptors }) =>
    (descriptors as string[])
      .filter((one) => Number.parseInt(one, 10) > 20 && !/ pipe 0$/.test(one))
      .map((one) => one.replace(/ \d+$/, "")),
  ),
  {
    name: "variables of a build: TERM, LANG, MAKEFLAGS, CC, CFLAGS, SOURCE_DATE_EPOCH",
    terminal: "both",
    async see(visit) {
      const env = { TERM: "vt220", LANG: "C.UTF-8", MAKEFLAGS: "-k", CC: "cc -m 'a b'", CFLAGS: "-g\n-O1", SOURCE_DATE_EPOCH: "1" };
      const { said } = await visit.run({ probe: ["snapshot"], env });
      const { variables = {} } = said as { variables?: Record<string, Value> };
      return Object.keys(env).map((name) => variables[name] ?? null);
    },
  },
  {
    name: "the host's PATH, LD_LIBRARY_PATH and PYTHONPATH stay outside",
    terminal: "both",
    right: { PATH: "kept out", LD_LIBRARY_PATH: "kept out", PYTHONPATH: "kept out" },
    async see(visit) {
      const strange = "/nowhere/of/the/host";
      const env = { PATH: `${visit.way.env.PATH}:${strange}`, LD_LIBRARY_PATH: strange, PYTHONPATH: strange };
      const { said } = await visit.run({ probe: ["snapshot"], env });
      const { variables } = said as { variables?: Record<string, string> };
      if (!variables) throw new Error("it did not run");
      return Object.fromEntries(Object.keys(env).map((name) => [name, variables[name]?.includes(strange) ? "came in" : "kept out"]));
    },
  },
  ...["arguments: empty, newlines, quotes, not UTF-8", "100,000 arguments"].map(
    (name, many): Row => ({
      name,
      terminal: "both",
      async see(visit) {
        const odd = ["", "20", "0a", "6120620a63", "2722245c60", "fffe80", "2d2d", "2d69", "2a"].flatMap((hex) => ["--argument", hex]);
        const { said } = await visit.run({ set: many ? ["--many", "100000"] : odd, probe: ["arguments"] });
        return `${said.count ?? 0} ${said.hash ?? "did not run"}`;
      },
    }),
  ),
  ...directories(),
];

function directories(): Row[] {
  const row = (name: string, prepare: (repository: string, elsewhere: string) => { set: string[]; cwd: string; PWD?: string }): Row => ({
    name: `working directory: ${name}`,
    terminal: "both",
    async see(visit) {
      const { set, cwd, PWD = cwd } = prepare(visit.way.repository, visit.way.elsewhere);
      const { said, status, signal } = await visit.run({ set, cwd, env: { PWD }, probe: ["snapshot"] });
      return "directory" in said
        ? { directory: shorten(String(said.directory), visit.way.repository), PWD: shorten(String(said.PWD), visit.way.repository) }
        : `refused, status ${signal || status}`;
    },
  });
  return [
    row("the repository", (repository) => ({ set: [], cwd: repository })),
    row("a folder with spaces and a newline in its name", (repository) => ({
      set: [],
      cwd: makeFolder(join(repository, "a b\nc"), repository),
    })),
    row("under a symbolic link", (repository) => {
      const real = makeFolder(join(repository, "real"), repository);
      const link = join(repository, "link");
      if (!existsSync(link)) symlinkSync(real, link);
      return { set: ["--directory", link], cwd: repository, PWD: link };
    }),
    {
      ...row("a removed folder", (repository) => ({ set: ["--remove-directory", join(repository, "removed")], cwd: repository })),
      because: "The helper in the pod is told the folder by its path, and there is none.",
    },
    {
      ...row("a folder that only the host has: refused, not another", (_, elsewhere) => ({ set: [], cwd: elsewhere })),
      right: "refused",
      async see(visit) {
        const { said, status } = await visit.run({ cwd: visit.way.elsewhere, probe: ["snapshot"] });
        return "directory" in said
          ? said.directory === visit.way.elsewhere
            ? "there"
            : "silently another"
          : status === 0
            ? "status 0"
            : "refused";
      },
    },
  ];
}

function makeFolder(path: string, like: string): string {
  if (existsSync(path)) return path;
  mkdirSync(path);
  const { uid, gid } = statSync(like);
  chownSync(path, uid, gid);
  return path;
}

const shorten = (text: string, repository: string) => text.replaceAll(repository, "REPOSITORY");
