import { readFileSync, rmSync } from "node:fs";
import type { Terminal } from "../../support/terminal.ts";
import type { Visit } from "../visit.ts";
import type { Row, Value } from "../way.ts";

/** A property that somebody sees who sits at a shell's prompt. */
const typed = (name: string, act: (shell: Terminal, visit: Visit, out: string) => Promise<Value>): Row => ({
  name,
  terminal: "only",
  async see(visit) {
    const out = visit.newFile();
    try {
      return await act(await visit.shell(), visit, out);
    } finally {
      rmSync(out, { force: true });
    }
  },
});

/** Starts the probe that waits, in the foreground. */
async function begin(shell: Terminal, visit: Visit, out: string): Promise<void> {
  shell.type(visit.line(["wait"], out));
  await shell.waitFor(/ready\r?\n/, visit.patience);
}

/** `fg` says so before the terminal is the job's. */
async function inForeground(shell: Terminal, visit: Visit): Promise<void> {
  const owner = () => readFileSync(`/proc/${shell.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[5];
  const deadline = Date.now() + visit.patience;
  while (owner() === String(shell.pid)) {
    if (Date.now() > deadline) throw new Error("nothing came to the foreground");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The same in the background: the prompt comes before what it says, or after. */
async function beginBehind(shell: Terminal, visit: Visit, out: string): Promise<void> {
  shell.type(`${visit.line(["wait"], out)} &`);
  await shell.waitFor(/ready\s[\s\S]*\{0\}> |\{0\}> [\s\S]*ready\s/, visit.patience);
}

const ended = async (shell: Terminal, visit: Visit, out: string): Promise<Value> => ({
  status: (await shell.prompt(visit.patience)).status,
  left: await visit.left(out),
});

/** What a terminal and job control are to a command. */
export const atTerminal: Row[] = [
  typed("Ctrl-C", async (shell, visit, out) => {
    await begin(shell, visit, out);
    shell.press("ctrl-c");
    return ended(shell, visit, out);
  }),
  typed("Ctrl-\\", async (shell, visit, out) => {
    await shell.run("ulimit -c 0");
    await begin(shell, visit, out);
    shell.press("ctrl-\\");
    return ended(shell, visit, out);
  }),
  typed("Ctrl-Z, bg, fg, Ctrl-C", async (shell, visit, out) => {
    await begin(shell, visit, out);
    shell.press("ctrl-z");
    const { status: stopped } = await shell.prompt(visit.patience);
    shell.type("bg");
    await shell.waitFor(/went on/, visit.patience);
    shell.type("fg");
    await inForeground(shell, visit);
    shell.press("ctrl-c");
    return { stopped, end: await ended(shell, visit, out) };
  }),
  typed("kill %1 of a stopped job", async (shell, visit, out) => {
    await begin(shell, visit, out);
    shell.press("ctrl-z");
    await shell.prompt(visit.patience);
    // Not what the shell then says of it, which depends on whether the end was faster than its own bookkeeping.
    await shell.run("kill %1", visit.patience);
    return { left: await visit.left(out) };
  }),
  typed("kill %1 of a background job", async (shell, visit, out) => {
    await beginBehind(shell, visit, out);
    const { status } = await shell.run("kill %1; wait %1", visit.patience);
    return { status, left: await visit.left(out) };
  }),
  typed("a background job that reads the terminal is stopped", async (shell, visit, out) => {
    await shell.run("set -b");
    shell.type(`${visit.line(["read"], out)} &`);
    await shell.waitFor(/Stopped/, visit.patience);
    shell.type("fg");
    await inForeground(shell, visit);
    shell.press("enter");
    await shell.waitFor(/had it/, visit.patience);
    return "stopped, and read when it was in the foreground";
  }),
  typed("kill -9 of the shell's job leaves nothing running", async (shell, visit, out) => {
    await beginBehind(shell, visit, out);
    const { status } = await shell.run("kill -9 $!; wait $!", visit.patience);
    return { status, left: await visit.left(out) };
  }),
  typed("hang-up of the terminal leaves nothing running", async (shell, visit, out) => {
    await begin(shell, visit, out);
    await shell.close();
    return { left: await visit.left(out) };
  }),
  {
    name: "terminal: name, size at start, and all three descriptors",
    terminal: "only",
    async see(visit) {
      const { said } = await visit.run({ probe: ["snapshot"] });
      const { descriptors = [], rows = 0, columns = 0 } = said as { descriptors?: string[]; rows?: number; columns?: number };
      return { size: `${columns}x${rows}`, ...kinds(descriptors), named: /^\/dev\/pts\/\d+$/.test(String(said.terminal)) };
    },
  },
  typed("terminal: it has the same name as the shell's", async (shell, visit, out) => {
    const { output } = await shell.run("tty");
    await shell.run(visit.line(["snapshot"], out), visit.patience);
    return visit.read(out).terminal === output ? "the same" : `${visit.read(out).terminal ?? "another"}`;
  }),
  typed("window size after a change", async (shell, visit, out) => {
    await begin(shell, visit, out);
    shell.resize(77, 22);
    const [size] = await shell.waitFor(/\d+ rows, \d+ columns/, visit.patience);
    shell.press("ctrl-c");
    await shell.prompt(visit.patience);
    return size;
  }),
  typed("/dev/tty", async (shell, visit, out) => {
    const { output, status } = await shell.run(`${visit.line(["tty"], out)} > /dev/null 2>&1 < /dev/null`, visit.patience);
    return { output, status };
  }),
  typed("process group, session, foreground", async (shell, visit, out) => {
    const { output } = await shell.run("echo $$");
    await shell.run(visit.line(["snapshot"], out), visit.patience);
    const { leads = 0, session = 0, foreground = 0, parent = 0 } = visit.read(out) as Record<string, number>;
    return {
      leads,
      foreground,
      session: session === Number(output) ? "the shell's" : "another",
      parent: parent === Number(output) ? "the shell" : "another",
    };
  }),
  typed("the pid that the shell sees", async (shell, visit, out) => {
    const { output } = await shell.run(`${visit.line(["snapshot"], out)} & wait; echo "pid $!"`, visit.patience);
    return /pid (\d+)/.exec(output)?.[1] === String(visit.read(out).pid) ? "the command's" : "another";
  }),
  typed("raw mode: every key arrives, Ctrl-P and Ctrl-Q too", async (shell, visit, out) => {
    shell.type(visit.line(["raw"], out));
    await shell.waitFor(/took over/, visit.patience);
    shell.send("\x10\x11\x03\x1a\x1c\x10\x1b[A\x04\x0dq");
    const { status } = await shell.prompt(visit.patience);
    return { status, keys: String(visit.read(out).keys ?? "none") };
  }),
  typed("gdb's readline: Ctrl-P brings the last line back", async (shell, visit) => {
    shell.type(visit.way.enter(["gdb", "-q", "-nx"], { terminal: true, cwd: visit.way.repository }).join(" "));
    await shell.waitFor(/\(gdb\) /, visit.patience);
    shell.type("print 6*7");
    await shell.waitFor(/\$1 = 42[^(]*\(gdb\) /, visit.patience);
    shell.send("\x10\r");
    const [again] = await shell.waitFor(/\$2 = \d+[^(]*\(gdb\) /, visit.patience);
    shell.press("ctrl-d");
    return { again: again.slice(0, 7), status: (await shell.prompt(visit.patience)).status };
  }),
  ...editors(),
];

function kinds(descriptors: string[]): { [key: string]: Value } {
  const kind = (fd: number) => descriptors.find((one) => one.startsWith(`${fd} `))?.split(" ")[1] ?? "closed";
  return { stdin: kind(0), stdout: kind(1), stderr: kind(2) };
}

/** Programs that a root tree may lack; never part of a quick run. */
function editors(): Row[] {
  const whole = (row: Row): Row => ({ ...row, needs: "vim and less" });
  return [
    whole(
      typed("vi: writes a file, and leaves the terminal as it was", async (shell, visit, out) => {
        shell.type(visit.way.enter(["vi", "-u", "NONE", out], { terminal: true, cwd: visit.way.repository }).join(" "));
        await shell.waitFor(/\[New/, visit.patience);
        shell.send("ihello\x1b:wq\r");
        const { status } = await shell.prompt(visit.patience);
        const { output } = await shell.run(`cat ${out}; stty -a | grep -ow -e -icanon -e icanon`, visit.patience);
        return { status, output };
      }),
    ),
    whole(
      typed("less: shows, scrolls, and leaves the terminal as it was", async (shell, visit, out) => {
        await shell.run(`seq 500 > ${out}`);
        shell.type(visit.way.enter(["less", out], { terminal: true, cwd: visit.way.repository }).join(" "));
        await shell.waitFor(/out-\d+-t/, visit.patience);
        shell.send("G");
        await shell.waitFor(/500\s+\(END\)/, visit.patience);
        shell.send("q");
        const { status } = await shell.prompt(visit.patience);
        const { output } = await shell.run("stty -a | grep -ow -e -icanon -e icanon", visit.patience);
        return { status, output };
      }),
    ),
  ];
}
