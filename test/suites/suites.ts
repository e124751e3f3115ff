import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** The tests of another project, run with the program that is installed: nothing is built but a few helpers. */
export interface Suite {
  name: string;
  /** What of the system's packages it needs. */
  packages: string[];
  /** The source package whose tests they are; absent when a package brings them installed. */
  source?: string;
  what: string;
  prepare?(folder: string): void;
  /** argv, started in the source's folder or in an empty one. */
  command: [string, ...string[]];
  count(output: string, folder: string): Count;
}

const sum = (matches: Iterable<RegExpMatchArray>, part: number) =>
  [...matches].reduce((total, match) => total + Number(match[part] ?? 0), 0);

const bashRunner = `cd tests || exit 1
for name in run-*; do
	case $name in run-all | run-minimal | run-gprof) continue ;; esac
	export BASH_TSTOUT=$PWD/out-of-$name
	text=$(timeout 60 sh ./$name 2>&1 </dev/null | grep -av "^warning: ")
	if [ -z "$text" ]; then echo "$name ok"; else echo "$name FAILED"; fi
done
`;

const python = "test_subprocess test_posix test_popen test_fork1 test_wait4 test_cmd_line test_pty";

export const suites: Suite[] = [
  {
    name: "make",
    packages: ["make", "perl"],
    source: "make-dfsg",
    what: "its own test suite: recipes, jobs, the jobserver, recursion",
    command: ["sh", "-c", "cd tests && exec perl run_make_tests.pl -make /usr/bin/make"],
    count(output) {
      const lines = [...output.matchAll(/(?:ok +|FAILED )\((\d+)(?:\/(\d+))? passed\)/g)];
      const passed = sum(lines, 1);
      const failed = lines.reduce((total, [, ok, all]) => total + (all === undefined ? 0 : Number(all) - Number(ok)), 0);
      return { passed, failed, skipped: [...output.matchAll(/\.\. N\/A/g)].length };
    },
  },
  {
    name: "Tcl",
    packages: ["tcl"],
    source: "tcl8.6",
    what: "exec, pid and event: pipelines, background processes, their ends",
    command: ["sh", "-c", "cd tests && for t in exec pid event; do tclsh $t.test </dev/null; done"],
    count(output) {
      const totals = [...output.matchAll(/Total\s+\d+\s+Passed\s+(\d+)\s+Skipped\s+(\d+)\s+Failed\s+(\d+)/g)];
      return { passed: sum(totals, 1), skipped: sum(totals, 2), failed: sum(totals, 3) };
    },
  },
  {
    name: "CPython",
    packages: ["python3", "libpython3.11-testsuite"],
    what: python.replaceAll("test_", "").replaceAll(" ", ", "),
    command: ["python3", "-m", "test", "--junit-xml", "results.xml", ...python.split(" ")],
    count(_, folder) {
      const xml = readFileSync(join(folder, "results.xml"), "utf8");
      const [top = ""] = xml.match(/<testsuites[^>]*>/) ?? [];
      const attribute = (name: string) => Number(top.match(new RegExp(`\\b${name}="(\\d+)"`))?.[1]);
      const failed = attribute("errors") + attribute("failures");
      const skipped = xml.split("<skipped").length - 1;
      return { passed: attribute("tests") - failed - skipped, failed, skipped };
    },
  },
  {
    name: "bash",
    packages: ["bash", "gcc"],
    source: "bash",
    what: "its own test suite: job control, traps, coprocesses, process substitution",
    prepare(folder) {
      for (const name of ["recho", "zecho", "printenv", "xcase"]) {
        const flags = ["-w", "-DHAVE_STDLIB_H", "-DHAVE_STRING_H", "-DHAVE_UNISTD_H", "-DSTDC_HEADERS", "-I.", "-Iinclude"];
        execFileSync("gcc", [...flags, "-o", `tests/${name}`, `support/${name}.c`], { cwd: folder });
      }
      writeFileSync(join(folder, "run-each"), bashRunner);
    },
    command: ["sh", "-c", "THIS_SH=/bin/bash BUILD_DIR=$PWD TMPDIR=$PWD PATH=$PWD/tests:$PATH exec sh ./run-each"],
    count(output) {
      const count = (word: string) => [...output.matchAll(new RegExp(`^run-\\S+ ${word}$`, "gm"))].length;
      return { passed: count("ok"), failed: count("FAILED"), skipped: 0 };
    },
  },
];
