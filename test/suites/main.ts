/**
 * Runs the test suites of other projects without qpod and in a session, and writes docs/suites.md: suites.mjs [NAME]...
 * Of suites that are not named the last results are kept.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { copyInstallation } from "../support/installation.ts";
import { asPerson, findPeople } from "../support/person.ts";
import { Workshop } from "../support/workshop.ts";
import { fetchSource } from "./fetch.ts";
import { type Count, type Suite, suites } from "./suites.ts";

const MINUTES = 15;
const cache = resolve("test/tmp/suites");
const named = process.argv.slice(2);
const installation = copyInstallation();
const person = findPeople().at(-1) as ReturnType<typeof findPeople>[number];
const workshop = new Workshop(person, installation);

/** Interception is on and everything is decided on; the answer is the host, where the suites are at home. */
function bindToHost(): void {
  workshop.write("home/.config/qpod/environments/now.yaml", 'rootfs: /\nengine: embedded\nhost: ["*", "**/*"]\n');
  workshop.must(["git", "init", "--quiet", "--initial-branch=main"]);
  workshop.must([installation.qpod, "init", "now"]);
}

function unpack(suite: Suite): string {
  const folder = join(workshop.repository, "suite");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  if (suite.source) execFileSync("tar", ["-xf", fetchSource(suite.source, cache), "-C", folder, "--strip-components=1"]);
  suite.prepare?.(folder);
  execFileSync("chown", ["-R", `${person.uid}:${person.gid}`, folder]);
  return folder;
}

function run(suite: Suite, before: readonly string[]): Count & { seconds: number } {
  const folder = unpack(suite);
  const start = process.hrtime.bigint();
  const [program, ...args] = asPerson(person, [...before, ...suite.command]);
  // Its own group, as a terminal's: some suites signal theirs.
  const options = { cwd: folder, env: workshop.env, encoding: "utf8" as const, maxBuffer: 256 << 20, timeout: MINUTES * 60_000 };
  const { stdout, stderr, error } = spawnSync("setsid", ["--wait", program, ...args], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  if (error) throw error;
  writeFileSync(join(cache, `${suite.name}-${before.length > 0 ? "with" : "without"}.txt`), stdout + stderr);
  const seconds = Math.round(Number(process.hrtime.bigint() - start) / 1e9);
  const count = suite.count(stdout + stderr, folder);
  if (!(count.passed > 0)) throw new Error(`${suite.name} passed nothing: see ${cache}`);
  return { ...count, seconds };
}

interface Result {
  version: string;
  without: Count;
  within: Count;
}

const resultFile = ({ name }: Suite) => join(cache, `${name}.json`);

function describe(): string {
  const results = suites
    .filter((suite) => existsSync(resultFile(suite)))
    .map((suite) => ({ suite, ...(JSON.parse(readFileSync(resultFile(suite), "utf8")) as Result) }));
  const cell = ({ passed, failed, skipped }: Count) => `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  const rows = results.map(
    ({ suite, version, without, within }) => `| ${suite.name} ${version} | ${suite.what} | ${cell(without)} | ${cell(within)} |`,
  );
  const text = readFileSync("docs/suites.md", "utf8");
  const mark = "<!-- table -->\n";
  const [head = "", , tail = ""] = text.split(mark);
  return `${head}${mark}| project | tests | without qpod | in a session |\n|---|---|---|---|\n${rows.join("\n")}\n${mark}${tail}`;
}

function versionOf({ packages, source }: Suite): string {
  const [name = ""] = source ? packages : packages.slice(-1);
  return execFileSync("dpkg-query", ["-W", "-f", "${Version}", name], { encoding: "utf8" }).replace(/^\d+:/, "");
}

let differ = false;
try {
  mkdirSync(cache, { recursive: true });
  bindToHost();
  for (const suite of suites.filter(({ name }) => named.length === 0 || named.includes(name))) {
    const without = run(suite, []);
    const within = run(suite, [join(installation.folder, "bin/qpod-shell")]);
    process.stdout.write(`${suite.name}: without ${JSON.stringify(without)}, in a session ${JSON.stringify(within)}\n`);
    differ ||= without.passed !== within.passed || without.failed !== within.failed;
    writeFileSync(resultFile(suite), JSON.stringify({ version: versionOf(suite), without, within } satisfies Result));
  }
  writeFileSync("docs/suites.md", describe());
} finally {
  workshop.remove();
  installation.remove();
}
process.exitCode = differ ? 1 : 0;
