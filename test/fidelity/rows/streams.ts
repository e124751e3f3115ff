import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../visit.ts";
import type { Row } from "../way.ts";

const TEXT = "one\ntwo\n\0three";

/** What goes in and out. */
export const streams: Row[] = [
  {
    name: "stdin closed",
    terminal: "never",
    async see(visit) {
      const { said, status } = await visit.run({ set: ["--close", "0"], probe: ["snapshot"] });
      const { descriptors } = said as { descriptors?: string[] };
      return descriptors ? (descriptors.find((one) => one.startsWith("0 ")) ?? "closed") : `did not run, status ${status}`;
    },
  },
  input("stdin is a file", (file) => ({ input: file })),
  input("stdin is a pipe", () => ({ set: ["--pipe", "one two three"] })),
  input("stdin is a socket", () => ({ set: ["--socket", "one two three"] })),
  {
    name: "stdout is the caller's own file",
    terminal: "never",
    async see(visit) {
      const file = join(visit.way.repository, "stdout");
      const out = visit.newFile();
      const line = `${visit.words(["snapshot"], out).map(quote).join(" ")} > ${quote(file)}`;
      await visit.script(line);
      const { descriptors = [] } = visit.read(out) as { descriptors?: string[] };
      const inode = statSync(file).ino;
      rmSync(file);
      return descriptors.find((one) => one.startsWith("1 "))?.replace(` ${inode}`, ": the same") ?? "did not run";
    },
  },
  {
    name: "order of 1,000 lines on stdout and stderr",
    terminal: "never",
    async see(visit) {
      const { stdout } = await visit.run({ set: ["--stderr-to", "1"], probe: ["order", "500"] });
      return stdout === "o\ne\n".repeat(500)
        ? "kept"
        : stdout.length === 2000
          ? "mixed up"
          : `${stdout.length} bytes of 2000: ${stdout.slice(0, 100)}`;
    },
  },
  {
    name: "1 GiB through a pipe, equal checksum",
    terminal: "never",
    async see(visit) {
      const size = visit.quick ? 1 << 24 : 1 << 30;
      const [made, sum] = [visit.newFile(), visit.newFile()];
      const line = `set -o pipefail; ${[visit.outside, made, "generate", String(size)].map(quote).join(" ")} | ${visit.line(["copy"])} | ${[visit.outside, sum, "input"].map(quote).join(" ")}`;
      const { status } = await visit.script(line, 240_000);
      rmSync(made, { force: true });
      const { size: came = 0, hash = "" } = visit.read(sum);
      return { status, size: came, hash };
    },
  },
  {
    name: "a reader that goes away ends it by SIGPIPE",
    terminal: "never",
    async see(visit) {
      const out = visit.newFile();
      const line = `${visit.words(["endless"], out).map(quote).join(" ")} | head -n 1; echo \${PIPESTATUS[0]}`;
      const { stdout } = await visit.script(line);
      return { said: stdout, left: await visit.left(out) };
    },
  },
  {
    name: "make's jobserver: the slots of `make -j8`",
    terminal: "both",
    async see(visit) {
      const out = visit.newFile();
      const file = join(visit.way.repository, "outer.mk");
      writeFileSync(file, `all:\n\t+@${visit.words(["slots"], out).map(quote).join(" ").replaceAll("$", "$$$$")}\n`);
      // By another name, since make belongs to the environment.
      await visit.run({ outside: true, command: [join(visit.way.elsewhere, "outer-make"), "--silent", "-j8", "-f", file] });
      const { told = "did not run", slots = 0 } = visit.read(out);
      return { told, slots };
    },
  },
  {
    name: "time to the first byte, ms",
    terminal: "both",
    figure: true,
    async see(visit) {
      const times: number[] = [];
      for (let i = 0; i < 5; i++) {
        const begin = performance.now();
        let first = 0;
        await visit.run({ probe: ["say"], onOutput: () => (first ||= performance.now() - begin) });
        times.push(first);
      }
      return (times.sort((a, b) => a - b)[2] ?? 0).toFixed(1);
    },
  },
];

function input(name: string, give: (file: string) => { set?: string[]; input?: string }): Row {
  return {
    name,
    terminal: "never",
    async see(visit) {
      const file = join(visit.way.repository, "stdin");
      writeFileSync(file, TEXT);
      const { said, status } = await visit.run({ ...give(file), probe: ["input"] });
      return "kind" in said ? { kind: said.kind ?? "", size: said.size ?? 0, hash: said.hash ?? "" } : `did not run, status ${status}`;
    },
  };
}
