/** `make load`: see the Makefile. Writes docs/load.md. */
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { copyInstallation } from "../support/installation.ts";
import { findSettings, Sandbox, type Setting } from "../support/sandbox.ts";
import { bindMany, buildOn, checkHost, type Figures, redirectMany, startMany } from "./jobs.ts";
import { countHoldings, findLeaks } from "./leaks.ts";

interface Row extends Figures {
  setting: string;
  leaks: string[];
}

const duration = Number(process.env.LOAD_SECONDS || 3600);
/** Only what has this in its name: two halves of a run may go on side by side, and share the file of results. */
const only = process.env.LOAD_ROWS ?? "";
const results = process.env.LOAD_RESULTS ?? "/dev/null";
let failures = 0;
const installation = copyInstallation();

/** One job in a home of its own, and what it left behind when its pods are down. */
async function measure(name: string, setting: Setting, compiler: boolean, job: (sandbox: Sandbox) => Promise<Figures>): Promise<void> {
  if (!name.includes(only)) return;
  const sandbox = new Sandbox(setting, installation);
  try {
    await sandbox.furnish("", { own: !compiler });
    sandbox.program("begin", "true");
    await sandbox.say("./begin");
    sandbox.must([sandbox.qpod, "down", "--all"]);
    const before = await countHoldings(sandbox);
    const figures = await job(sandbox);
    sandbox.must([sandbox.qpod, "down", "--all"]);
    // What is bound has its files, and a pod that is down its changes: those go when the repository does.
    for (const name of ["bound", "pods"]) rmSync(`${sandbox.home}/${name}`, { recursive: true, force: true });
    for (const words of ["refresh", "gc"]) sandbox.must([sandbox.qpod, words]);
    const after = await countHoldings(sandbox);
    const row: Row = { ...figures, setting: setting.title, leaks: findLeaks(before, after) };
    if (row.failed > 0 || row.leaks.length > 0) failures++;
    appendFileSync(results, `${JSON.stringify(row)}\n`);
    if (process.env.LOAD_PAGE) writeFileSync(process.env.LOAD_PAGE, page());
    console.log(`${row.what}, ${row.setting}: ${row.failed} failed; ${row.figures}; left behind: ${row.leaks.join("; ") || "nothing"}`);
  } finally {
    sandbox.remove();
  }
}

function page(): string {
  const rows = readFileSync(results, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
  const lines = rows.map(
    ({ what, setting, failed, figures, leaks }) =>
      `| ${what} | ${setting} | ${failed || "none"} | ${figures} | ${leaks.join("; ") || "nothing"} |`,
  );
  const version = (...argv: [string, ...string[]]) => execFileSync(argv[0], argv.slice(1), { encoding: "utf8" }).split("\n")[0];
  return `# Load

<!-- Made by \`make load\`; a change by hand is lost. -->

What happens when there is much of everything. *Failed* counts commands that failed, that gave another answer than their own,
or that did not run in the environment. *Left behind* compares what there is before and after, when all pods are down and what was bound is gone: processes,
descriptors of the session's shell, mounts, mount namespaces, files in the runtime and data folders, and podman's containers,
each of which has one of its locks.

Run on ${new Date().toISOString().slice(0, 10)}: Linux ${/^[0-9.]+/.exec(release())?.[0]}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${version("podman", "--version")}, at a low priority on a machine with other work (load ${loadavg()[0]?.toFixed(0)}).

| what | who | failed | figures | left behind |
|---|---|---|---|---|
${lines.join("\n")}

The memory of a pod is that of its first process (proportional share); what the kernel keeps for its namespaces and mounts is
not in it. Podman's pods are fewer, since each takes podman a second and more to make.
`;
}

checkHost();
const settings = findSettings();
const root = settings.filter(({ person }) => person.uid === 0);
try {
  for (const setting of findSettings("main")) await measure("redirects", setting, false, (sandbox) => redirectMany(sandbox, 2000, 64));
  for (const setting of root.filter(({ engine }) => engine === "embedded")) {
    await measure("bindings", setting, false, (sandbox) => bindMany(sandbox, 1000));
    await measure("pods", setting, false, (sandbox) => startMany(sandbox, 200));
  }
  for (const setting of root.filter(({ engine }) => engine === "podman"))
    await measure("pods", setting, false, (sandbox) => startMany(sandbox, 10));
  for (const setting of settings.filter(({ engine }) => engine === "embedded").slice(-1))
    await measure("builds", setting, true, (sandbox) => buildOn(sandbox, duration));
} finally {
  installation.remove();
}
if (failures > 0) process.exitCode = 1;
