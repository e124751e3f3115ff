import type { HostFact } from "../../src/engine/host-view.ts";

/** What was found on one system. */
export interface Result {
  name: string;
  /** Kernel, release, podman, git, security modules. */
  system: string[];
  rows: { verdict: string; row: string; said: string }[];
  doctor: HostFact[];
}

/** docs/elsewhere.md: a table of what works where, what was said of the rest, and doctor's words. */
export function writePage(results: readonly Result[]): string {
  const names = [...new Set(results.flatMap(({ rows }) => rows.map(({ row }) => row)))];
  const notes: string[] = [];
  const cell = ({ rows }: Result, name: string) => {
    const found = rows.find(({ row }) => row === name);
    if (!found) return "";
    if (found.verdict === "works") return "works";
    let number = notes.indexOf(found.said) + 1;
    if (number === 0) number = notes.push(found.said);
    return `${found.verdict === "refused" ? "no" : "**wrong**"} (${number})`;
  };
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const table = [
    line(["", ...results.map(({ name }) => name)]),
    line(["---", ...results.map(() => "---")]),
    line(["kernel", ...results.map(({ system }) => system[0] ?? "")]),
    line(["podman", ...results.map(({ system }) => system[2]?.replace(/^.* /, "") ?? "")]),
    ...names.map((name) => line([name, ...results.map((result) => cell(result, name))])),
  ];
  return `# Elsewhere

<!-- Made by \`make elsewhere\`; a change by hand is lost. -->

qpod on other systems: Debian's releases with their own kernels, systemd, cgroups of version 2, AppArmor and podman as they
come, each in a virtual machine without a network, by root and by an ordinary user with subordinate ids who logs in. By hand,
on any machine: \`test/elsewhere/scenario TREE.tar\`, with a root tarball that has make in it.

**no**: this system does not allow it, and qpod said so and did nothing; the words are below. **wrong**: anything else.

${table.join("\n")}

${notes.map((note, i) => `${i + 1}. ${note.replaceAll("|", "\\|")}`).join("\n")}

## What \`qpod doctor\` says

${results.map(sayDoctor).join("\n\n")}
`;
}

/** Lines that are "ok" everywhere tell nothing. */
function sayDoctor({ name, system, doctor }: Result): string {
  const told = doctor.filter(({ state, name }) => state !== "ok" || name === "engines" || name === "scratch" || name === "cgroups");
  const lines = told.map(
    ({ name, state, fact, remedy }) => `- ${state === "ok" ? "" : `**${state}** `}${name}: ${fact}${remedy ? ` (${remedy})` : ""}`,
  );
  return [`**${name}** (Linux ${system[0] ?? ""}; ${system[4] ?? ""})`, "", ...lines].join("\n");
}
