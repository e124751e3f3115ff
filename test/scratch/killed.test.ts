import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { copyInstallation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import { Trial } from "./trial.ts";

const hasStrace = spawnSync("strace", ["-V"]).status === 0;
const before = "mkdir -p gone/in turns closed; for f in gone/in/a turns/b closed/d; do echo $f > $f; done; chmod 555 closed";
const deeds = "rm -r gone turns; echo x > turns; chmod 755 closed; echo x > closed/n; chmod 555 closed; mkdir -m 700 new; echo x > new/x";
const tell = "find . -name .git -prune -o -print | sort | while read f; do stat -c '%n %a' $f; [ -f $f ] && cat $f; done; true";

/** Every rename that a keep does is a moment at which it may be killed: strace sees to it that it is, at exactly that one. */
test.skipIf(!hasStrace)("a keep that is killed at any of its steps is finished when it is said again", () => {
  const installation = copyInstallation();
  const [person] = findPeople();
  if (!person) throw new Error("nobody runs this");
  try {
    let kills = 0;
    for (let nth = 1; ; nth++) {
      const trial = new Trial(person, installation);
      try {
        trial.must(["sh", "-c", before]);
        const was = trial.must(["sh", "-c", tell]);
        const seen = trial.say("--", "sh", "-c", `${deeds}; ${tell}`);
        const inject = `inject=rename,renameat,renameat2:signal=KILL:when=${nth}`;
        const keep = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=rename,renameat,renameat2", "-e", inject, trial.qpod];
        const killed = trial.run([...keep, "scratch", "keep"]);
        if (killed.status === 0) break;
        kills++;
        // Until something was applied, nothing was touched; then nothing new begins before it is finished.
        const isTouched = /^qpod: a keep of the scratch of /.test(trial.scratch("--", "true").stderr);
        if (!isTouched) expect(trial.must(["sh", "-c", tell])).toBe(was);
        trial.say("keep");
        expect(trial.must(["sh", "-c", tell])).toBe(seen);
        expect(readdirSync(trial.repository).filter((name) => name.startsWith(".qpod"))).toEqual([]);
        expect(trial.say("list")).toMatch(/^no scratch/);
      } finally {
        trial.remove();
      }
    }
    expect(kills).toBeGreaterThanOrEqual(6);
  } finally {
    installation.remove();
  }
});
