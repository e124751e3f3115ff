// Runs the C tests and the TypeScript tests, and ends with one line that counts them all:
// `N passed, N failed, N skipped`. A skipped test is listed with its reason.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const count = { passed: 0, failed: 0, skipped: 0 };
const skipped = [];
const failed = [];
const filters = process.argv.slice(2);

function runNative() {
  const { stdout, status } = spawnSync("test/native/run-tests", { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  process.stdout.write(stdout);
  const programs = [...stdout.matchAll(/^(\S+): (\d+) checks, (\d+) failures$/gm)];
  for (const [, , checks, wrong] of programs) {
    count.passed += Number(checks) - Number(wrong);
    count.failed += Number(wrong);
  }
  if (status !== 0 || programs.length === 0) {
    failed.push("test/native/run-tests");
    count.failed++;
  }
}

function runTypeScript() {
  const folder = mkdtempSync(join(tmpdir(), "qpod-tests-"));
  const report = join(folder, "report.json");
  try {
    const words = ["run", ...filters, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const { status } = spawnSync("node_modules/.bin/vitest", words, { stdio: ["ignore", "inherit", "inherit"] });
    countReport(JSON.parse(readFileSync(report, "utf8")), status);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countReport({ testResults }, status) {
  const before = count.failed;
  for (const file of testResults) {
    const name = file.name.replace(`${process.cwd()}/`, "");
    // A file that could not be run has no tests to count.
    if (file.status === "failed" && !file.assertionResults.some((one) => one.status === "failed")) {
      count.failed++;
      failed.push(`${name}: ${file.message.split("\n")[0]}`);
    }
    for (const test of file.assertionResults) {
      if (test.status === "passed") count.passed++;
      else if (test.status === "failed") {
        count.failed++;
        failed.push(`${name}: ${test.fullName}`);
      } else {
        count.skipped++;
        skipped.push(`${name}: ${test.fullName}`);
      }
    }
  }
  if (status !== 0 && count.failed === before) {
    count.failed++;
    failed.push("vitest ended with an error outside of the tests");
  }
}

if (filters.length === 0) runNative();
runTypeScript();
for (const name of skipped) console.log(`skipped: ${name}`);
for (const name of failed) console.log(`failed: ${name}`);
console.log(`${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ""}`);
process.exitCode = count.failed > 0 ? 1 : 0;
