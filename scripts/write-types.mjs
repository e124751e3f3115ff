// Writes dist/types: the declarations of what others import, and of what those name, and no more. The rest of src may
// have types that only its libraries can name.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const entries = Object.values(exports).flatMap(({ types }) =>
  types ? [types.replace("./dist/types/", "src/").replace(/\.d\.ts$/, ".ts")] : [],
);
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
const program = ts.createProgram(entries, options);
const problems = [];
rmSync("dist/types", { recursive: true, force: true });
const waiting = [...entries];
const seen = new Set(waiting);
for (let file = waiting.pop(); file; file = waiting.pop()) {
  const { diagnostics } = program.emit(program.getSourceFile(file), (path, text) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (!fileName.startsWith(".")) continue;
      const named = relative(".", join(dirname(file), fileName));
      if (!seen.has(named)) waiting.push(named);
      seen.add(named);
    }
  });
  problems.push(...diagnostics);
}
const host = { getCurrentDirectory: () => process.cwd(), getCanonicalFileName: (name) => name, getNewLine: () => "\n" };
if (problems.length > 0) process.stderr.write(ts.formatDiagnostics(problems, host));
process.exitCode = problems.length > 0 ? 1 : 0;
