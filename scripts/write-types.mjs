// Writes dist/types: the declarations of what others import, and no more. The rest of src may have types that only
// its libraries can name.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

const published = /\/src\/(index|base\/errors|library\/[^/]+|process\/[^/]+|launch\/(operations|status))\.ts$/;
const options = {
  ...ts.parseJsonConfigFileContent(ts.readConfigFile("tsconfig.json", ts.sys.readFile).config, ts.sys, ".").options,
  noEmit: false,
  declaration: true,
  emitDeclarationOnly: true,
  stripInternal: true,
  // `make lint` checks them.
  noCheck: true,
  rootDir: "src",
  outDir: "dist/types",
};
const program = ts.createProgram(["src/index.ts", "src/process/index.ts"], options);
const problems = [];
rmSync("dist/types", { recursive: true, force: true });
for (const file of program.getSourceFiles()) {
  if (!published.test(join("/", file.fileName))) continue;
  const { diagnostics } = program.emit(file, (path, text) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  });
  problems.push(...diagnostics);
}
const host = { getCurrentDirectory: () => process.cwd(), getCanonicalFileName: (name) => name, getNewLine: () => "\n" };
if (problems.length > 0) process.stderr.write(ts.formatDiagnostics(problems, host));
process.exitCode = problems.length > 0 ? 1 : 0;
