import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { quote, type Visit } from "../visit.ts";
import type { Row, Value } from "../way.ts";

const few = [0, 1, 2, 63, 64, 77, 100, 124, 125, 126, 127, 128, 129, 130, 137, 143, 200, 254, 255];
const notDeadly = ["SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGWINCH"];
const fewSignals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGKILL", "SIGSEGV", "SIGPIPE", "SIGTERM", "SIGUSR1"];

/** How a command ends. */
export const ends: Row[] = [
  {
    name: "exit codes 0 to 255",
    terminal: "both",
    async see(visit) {
      // A peer that takes a second for each is asked for those that matter.
      const codes = visit.thorough && !visit.terminal ? Array.from({ length: 256 }, (_, code) => code) : few;
      const wrong = await tryEach(visit, codes, async (code) => {
        const { status, signal } = await visit.run({ probe: ["exit", String(code)] });
        return status === code && !signal ? undefined : `${code} became ${signal || status}`;
      });
      return wrong;
    },
  },
  {
    name: "death by each signal",
    terminal: "both",
    async see(visit) {
      const all = Object.entries(constants.signals).filter(
        ([name]) => !notDeadly.includes(name) && !/IOT|POLL|UNUSED|PWR|STKFLT/.test(name),
      );
      const signals = visit.thorough ? all : all.filter(([name]) => fewSignals.includes(name));
      return tryEach(visit, signals, async ([name, number]) => {
        const { status, signal } = await visit.run({ probe: ["die", String(number)] });
        return signal === name ? undefined : `${name} became ${signal || `status ${status}`}`;
      });
    },
  },
  {
    name: "core dump in the working directory",
    terminal: "both",
    async see(visit) {
      const folder = visit.newFolder();
      await visit.run({ set: ["--limit-4", "100000000"], cwd: folder, probe: ["abort"] });
      const core = readdirSync(folder).find((name) => name.startsWith("core"));
      const result = core ? `of ${statSync(join(folder, core)).uid}` : "none";
      rmSync(folder, { recursive: true });
      return result;
    },
  },
  {
    name: "a command that does not exist: status 127",
    terminal: "both",
    right: 127,
    see: async (visit) => (await visit.script(visit.way.enter(["./no-such-command"], visit).map(quote).join(" "))).status,
  },
  {
    name: "the caller's child is the command: one pid, and its parent is the caller's",
    terminal: "both",
    async see(visit) {
      const { said, pid } = await visit.run({ probe: ["snapshot"] });
      return { pid: said.pid === pid ? "the same" : "another", parent: said.parent === process.pid ? "the caller" : "another" };
    },
  },
  {
    name: "a signal to the caller's child reaches the command",
    terminal: "both",
    async see(visit) {
      let sent = false;
      const { status, signal, stdout } = await visit.run({
        probe: ["wait"],
        onOutput(text, pid) {
          if (sent || !text.includes("ready")) return;
          sent = true;
          process.kill(pid, "SIGUSR1");
        },
      });
      return { ended: signal || status, called: stdout.includes("called") };
    },
  },
  {
    name: "kill -9 of the caller's child leaves nothing running",
    terminal: "both",
    async see(visit) {
      const out = visit.newFile();
      let sent = false;
      const { signal } = await visit.run({
        command: [visit.probe, out, "wait"],
        onOutput(text, pid) {
          if (sent || !text.includes("ready")) return;
          sent = true;
          process.kill(pid, "SIGKILL");
        },
      });
      const left = await visit.left(out);
      if (existsSync(out)) rmSync(out);
      return { signal, left };
    },
  },
];

/** What went wrong with each; side by side, as far as that saves time. */
async function tryEach<T>(visit: Visit, all: readonly T[], attempt: (one: T) => Promise<string | undefined>): Promise<Value> {
  const wrong: string[] = [];
  const queue = [...all];
  const work = async () => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      const found = await attempt(one);
      if (found) wrong.push(found);
    }
  };
  await Promise.all(Array.from({ length: visit.terminal ? 1 : 2 }, work));
  return wrong.length === 0 ? "as they were" : wrong.sort();
}
