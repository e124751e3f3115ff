// Writes man/*.1 from the table of commands, so that parser, help, completions and man pages cannot differ.
// `--check` fails when a committed page is not current.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const { outputFiles } = await build({
  stdin: { contents: 'export { commands } from "./src/cli/commands.ts";', resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
  bundle: true,
  format: "esm",
  platform: "node",
  write: false,
  external: ["./cmd-*.ts"],
});
const { commands } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);

const quoteRoff = (text) =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/gm, "\\&$1");
const header = (name, summary) => `.TH ${name.toUpperCase()} 1 "" qpod "User commands"\n.SH NAME\n${name} \\- ${quoteRoff(summary)}\n`;

function describe(command) {
  const words = [...(command.arguments ?? []).map((one) => one.notation)].join(" ");
  const lines = [
    `.SS qpod ${quoteRoff(command.name)}${command.options ? " [options]" : ""} ${quoteRoff(words)}`,
    quoteRoff(`${command.summary}.`),
  ];
  for (const one of command.arguments ?? []) lines.push(".TP", `.I ${quoteRoff(one.notation)}`, quoteRoff(one.description));
  for (const one of command.options ?? []) lines.push(".TP", `.B ${quoteRoff(one.flags)}`, quoteRoff(one.description));
  for (const one of command.examples ?? []) lines.push(".TP", `.B ${quoteRoff(one.command)}`, quoteRoff(one.does));
  return lines.join("\n");
}

const statuses = [
  ["125", "qpod could not do its part; the command did not run, on the host neither."],
  ["126", "The command was found in the environment, but cannot be executed."],
  ["127", "The command was not found in the environment."],
  ["1", "The answer is no: nothing applies here (status), there is a problem (doctor)."],
  ["2", "qpod was called wrongly."],
];
const exitStatus = `.SH EXIT STATUS\nThe command's own, or:\n${statuses.map(([code, text]) => `.TP\n.B ${code}\n${quoteRoff(text)}`).join("\n")}\n`;

const pages = {
  "man/qpod.1": `${header("qpod", "build and debug old release branches on today's system without noticing")}.SH SYNOPSIS
.B qpod
.I command
.RI [ options ]
.SH DESCRIPTION
In a git repository that is bound to an environment, make, waf, gdb and every executable of the repository run in that
environment, which is started when it is needed; everything else runs on the host.
.SH COMMANDS
${commands
  .filter((one) => !one.hidden)
  .map(describe)
  .join("\n")}
${exitStatus}.SH SEE ALSO
.BR qpod\\-shell (1)
`,
  "man/qpod-shell.1": `${header("qpod-shell", "a shell in which commands run where they belong")}.SH SYNOPSIS
.B qpod\\-shell
.RI [ command
.RI [ arguments ]]
.br
.B qpod\\-shell \\-c
.I text
.SH DESCRIPTION
Starts the user's shell (SHELL) in which exec is intercepted. Start\\-up files are read and the prompt is left alone; the
variable QPOD_ENVIRONMENT tells prompt themes which environment applies. Commands that only exist in an environment are
found through a folder at the end of PATH. With a command, runs only that.
${exitStatus}.SH SEE ALSO
.BR qpod (1)
`,
};

let stale = 0;
for (const [path, text] of Object.entries(pages)) {
  let present = "";
  try {
    present = readFileSync(path, "utf8");
  } catch {
    // It is written for the first time.
  }
  if (present === text) continue;
  stale++;
  if (process.argv.includes("--check")) console.error(`${path} is not what src/cli/commands.ts says: run \`make man\``);
  else writeFileSync(path, text);
}
process.exitCode = process.argv.includes("--check") && stale > 0 ? 1 : 0;
