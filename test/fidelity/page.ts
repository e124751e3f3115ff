import { execFileSync } from "node:child_process";
import { release } from "node:os";
import { isDeepStrictEqual } from "node:util";
import type { Finding, Result } from "./measure.ts";
import type { Value } from "./way.ts";

/** Whether a finding is as it should be: what is right by itself, or what native does. */
export function isRight(finding: Finding, native: Result | undefined): boolean {
  if (finding.row.figure) return true;
  return isDeepStrictEqual(finding.value, reference(finding, native));
}

export function reference({ row, terminal }: Finding, native: Result | undefined): Value | undefined {
  return row.right ?? native?.findings.find((one) => one.row === row && one.terminal === terminal)?.value;
}

/** docs/fidelity.md. */
export function writePage(results: readonly Result[]): string {
  const natives = results.filter(({ column }) => column.kind === "native");
  const nativeOf = (result: Result) => natives.find(({ column }) => column.as === result.column.as);
  const others = results.filter(({ column }) => column.kind !== "native");
  const run = others.filter(({ reason }) => !reason);
  const rows = [...new Set(natives.flatMap(({ findings }) => findings.map(({ row }) => row)))];
  const cell = (result: Result, row: Finding["row"]) => {
    const found = result.findings.filter((one) => one.row === row);
    if (row.figure) return found.map(({ value }) => value).join(" / ");
    const wrong = found.filter((one) => !isRight(one, nativeOf(result)));
    if (wrong.length === 0) return "=";
    if (wrong.length === found.length) return "**≠**";
    return wrong[0]?.terminal ? "**≠** t" : "**≠** p";
  };
  const head = ["", "native", ...run.map((_, i) => String.fromCharCode(65 + i))];
  const table = rows.map((row) => [
    row.name,
    row.figure ? natives.map((one) => cell(one, row)).join(", ") : "=",
    ...run.map((result) => cell(result, row)),
  ]);
  const count = (result: Result) => {
    const judged = result.findings.filter(({ row }) => !row.figure);
    return `${judged.filter((one) => isRight(one, nativeOf(result))).length} of ${judged.length}`;
  };
  return `# The fidelity matrix

<!-- Made by \`make fidelity\`; a change by hand is lost. -->

Can it be told by its behaviour that a command ran in an environment? Each property is tried with every way of entry, with
a terminal and without (at the two ends of a pipe), and held against what the same command does natively, for the same
user, in the same run.

Run on ${new Date().toISOString().slice(0, 10)}, Linux ${/^[\d.]+/.exec(release())?.[0]}, ${versions().join(", ")}.

| | way | as native |
|---|---|---|
${run.map((result, i) => `| ${String.fromCharCode(65 + i)} | ${result.column.name}: ${result.column.how} | ${count(result)} |`).join("\n")}

\`=\`: as native. **≠**: not as native, with a terminal and without; **≠** t: only with a terminal; **≠** p: only without.
All ways use the same root tree, which has all that the ways ask for. A way that takes long for each command is asked
for 19 exit codes and 9 signals instead of all. What is waited for in vain is said so: "6 s went by", "no end within 6 s".

${markdown(head, table)}
${others.some(({ reason }) => reason) ? `\n## Not run\n\n${others.flatMap(({ column, reason }) => (reason ? [`- ${column.name}: ${reason}`] : [])).join("\n")}\n` : ""}
## What differs

${run.map((result) => describe(result, nativeOf(result))).join("\n")}`;
}

function describe(result: Result, native: Result | undefined): string {
  const wrong = result.findings.filter((one) => !isRight(one, native));
  const lines = wrong.flatMap((finding) => {
    const other = wrong.find((one) => one.row === finding.row && one !== finding);
    const alike =
      other && isDeepStrictEqual(other.value, finding.value) && isDeepStrictEqual(reference(other, native), reference(finding, native));
    if (alike && finding.terminal) return [];
    const because = result.column.kind === "qpod" && finding.row.because ? ` ${finding.row.because}` : "";
    const when = finding.row.terminal !== "both" || alike ? "" : finding.terminal ? ", with a terminal" : ", without a terminal";
    return [`- ${finding.row.name}${when}: \`${show(finding.value)}\`, not \`${show(reference(finding, native))}\`.${because}`];
  });
  const note = lines.length > 0 && result.column.note ? `${result.column.note}\n\n` : "";
  return `### ${result.column.name}\n\n${note}${lines.length > 0 ? lines.join("\n") : "Nothing."}\n`;
}

function show(value: Value | undefined): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const flat = (text ?? "nothing").replaceAll("`", "'").replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
  return flat.length > 240 ? `${flat.slice(0, 240)}…` : flat;
}

const markdown = (head: readonly string[], table: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...table].map((row) => `| ${row.join(" | ")} |`).join("\n");

function versions(): string[] {
  const first = (program: string, ...args: string[]) => {
    try {
      return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
        .split("\n")[0]
        ?.trim();
    } catch {
      return undefined;
    }
  };
  const all = [
    first("podman", "--version"),
    first("distrobox", "--version"),
    first("toolbox", "--version"),
    first("nsenter", "--version"),
    first("bash", "--version"),
  ];
  return [
    `node ${process.versions.node}`,
    ...all
      .filter((one) => one !== undefined)
      .map((one) =>
        one
          .replace(/, version|\(.*\)|version /g, "")
          .replace(/ +/g, " ")
          .trim(),
      ),
  ];
}
