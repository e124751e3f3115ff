import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bindRepository } from "../../src/repo/repository.ts";
import type { Sandbox } from "../support/sandbox.ts";

/** A line that only the environment can say: its release, and a number that the caller knows. */
const tell = 'read -r release < /etc/debian_version; echo "$1 $release"';
const RELEASE = /^11\.\d+$/;

export interface Figures {
  what: string;
  /** Of what was asked for. */
  failed: number;
  figures: string;
}

const milliseconds = (began: number) => performance.now() - began;

/** Commands that are redirected, so many at once; each must answer with its own number, from the environment. */
export async function redirectMany(sandbox: Sandbox, count: number, jobs: number): Promise<Figures> {
  sandbox.program("tell", tell);
  await sandbox.say("./tell first");
  const began = performance.now();
  const { stdout, stderr } = await sandbox.session(`seq ${count} | xargs -P ${jobs} -n 1 ./tell`);
  const took = milliseconds(began);
  const right = new Set(stdout.split("\n").flatMap((line) => readAnswer(line, count)));
  const failed = count - right.size + stderr.split("\n").filter(Boolean).length;
  return { what: `${count} redirects, ${jobs} at once`, failed, figures: `${seconds(took)}, ${(took / count).toFixed(2)} ms each` };
}

function readAnswer(line: string, count: number): number[] {
  const [number, release = ""] = line.split(" ");
  return RELEASE.test(release) && Number(number) >= 1 && Number(number) <= count ? [Number(number)] : [];
}

const PROBES = 500;

/** Processor time of a command that stays on the host and of one that is redirected, in milliseconds each. */
async function timeDecisions(sandbox: Sandbox) {
  const time = async (command: string) => {
    const loop = `for i in {1..${PROBES}}; do ${command}; done > /dev/null`;
    const { stderr } = await sandbox.session(`TIMEFORMAT="%U %S"; time { ${loop}; }`);
    const [user = 0, system = 0] = stderr.trim().split(" ").map(Number);
    return ((1000 * (user + system)) / PROBES).toFixed(2);
  };
  sandbox.program("tell", tell);
  await sandbox.say("./tell first");
  return { host: await time("/bin/true"), pod: await time("./tell 1") };
}

/** Binds so many repositories more, and says what that costs. For root alone: it is done in this process. */
export async function bindMany(sandbox: Sandbox, count: number): Promise<Figures> {
  const before = await timeDecisions(sandbox);
  for (let i = 0; i < count; i++) await bind(sandbox, `bound/${i}`);
  const began = performance.now();
  sandbox.must([sandbox.qpod, "refresh"]);
  const took = milliseconds(began);
  const after = await timeDecisions(sandbox);
  const size = readFileSync(join(sandbox.env.XDG_RUNTIME_DIR ?? "", "qpod/policy")).length;
  return {
    what: `${count} bindings`,
    failed: 0,
    figures:
      `policy made in ${seconds(took)}, ${Math.round(size / 1024)} KiB; processor time of a command on the host ${after.host} ms (with one binding ` +
      `${before.host} ms), in the environment ${after.pod} ms (${before.pod} ms)`,
  };
}

async function bind(sandbox: Sandbox, name: string): Promise<string> {
  const root = join(sandbox.home, name);
  const gitDir = join(root, ".git");
  for (const folder of ["objects", "refs"]) mkdirSync(join(gitDir, folder), { recursive: true });
  writeFileSync(join(gitDir, "HEAD"), "ref: refs/heads/main\n");
  writeFileSync(join(root, "tell"), `#!/bin/sh\n${tell}\n`, { mode: 0o755 });
  await bindRepository({ root, gitDir, commonDir: gitDir }, join(sandbox.env.XDG_STATE_HOME ?? "", "qpod"), {
    environment: "old",
    branch: "",
  });
  return root;
}

/** So many pods up at once, each of a repository of its own. */
export async function startMany(sandbox: Sandbox, count: number): Promise<Figures> {
  const roots: string[] = [];
  for (let i = 0; i < count; i++) roots.push(await bind(sandbox, `pods/${i}`));
  sandbox.must([sandbox.qpod, "refresh"]);
  const began = performance.now();
  const { stdout } = await sandbox.session(`for folder in ${join(sandbox.home, "pods")}/*; do cd $folder; ./tell 1; done`);
  const took = milliseconds(began);
  const pods = sandbox.pods();
  const own = pods.filter(({ worktree }) => roots.includes(worktree));
  const right = stdout.split("\n").filter((line) => readAnswer(line, 1).length > 0).length;
  const memory = own.reduce((sum, { pid }) => sum + proportionalSize(pid), 0);
  const ending = performance.now();
  sandbox.must([sandbox.qpod, "down", "--all"]);
  return {
    what: `${count} pods up at once`,
    failed: 2 * count - right - own.length,
    figures: `started in ${seconds(took)}, ${(took / count).toFixed(1)} ms each; ${Math.round(memory / count)} KiB each; ended in ${seconds(milliseconds(ending))}`,
  };
}

/** KiB of memory that is the process's, shared pages by their share. */
function proportionalSize(pid: number): number {
  const [, size] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
  return Number(size);
}

/** Builds a small project again and again for so many seconds. */
export async function buildOn(sandbox: Sandbox, duration: number): Promise<Figures> {
  const parts = Array.from({ length: 12 }, (_, i) => `part${i}.c`);
  for (const part of parts) sandbox.write(`home/src/tool/${part}`, `int ${part.slice(0, -2)}(int x) { return x + 1; }\n`);
  sandbox.write("home/src/tool/main.c", '#include <stdio.h>\nint main(void) { return printf("%d\\n", __GNUC__) < 0; }\n');
  const objects = ["main.c", ...parts].map((part) => part.replace(".c", ".o")).join(" ");
  sandbox.write(
    "home/src/tool/Makefile",
    `program: ${objects}\n\t@gcc -o $@ ${objects}\n%.o: %.c\n\t@gcc -O1 -c -o $@ $<\nclean:\n\t@rm -f *.o program\n`,
  );
  const ends = performance.now() + 1000 * duration;
  const began = performance.now();
  let [builds, failed] = [0, 0];
  for (; performance.now() < ends || builds === 0; builds++) {
    const { status, stdout, stderr } = await sandbox.session("make clean && make -j4 && ./program");
    if (status !== 0 || stdout !== "10\n" || stderr !== "") failed++;
  }
  const took = milliseconds(began);
  return {
    what: `builds for ${Math.round(duration / 60)} minutes, -j4`,
    failed,
    figures: `${builds} builds of ${parts.length + 1} files, ${seconds(took / builds)} each`,
  };
}

export function seconds(time: number): string {
  return `${(time / 1000).toFixed(1)} s`;
}

/** The host's release must not be the environment's, or a redirect that was none would be taken for one. */
export function checkHost(): void {
  const release = execFileSync("cat", ["/etc/debian_version"], { encoding: "utf8" }).trim();
  if (RELEASE.test(release)) throw new Error("the load is told apart by Debian's release: it cannot be run on Debian 11");
}
