import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { copyInstallation } from "../support/installation.ts";

const folder = mkdtempSync("/var/tmp/qpod-blocks-");

/** Mounted where nobody else sees it; the loop device goes with the mount. */
const mounted = "mount --make-rprivate / && mount -o loop $1 /mnt && cd /mnt || exit 1\n";

const script = `${mounted}
mkdir tree && cd tree && mkdir -m 700 /mnt/run
export HOME=/mnt XDG_DATA_HOME=/mnt/data XDG_RUNTIME_DIR=/mnt/run
used() { sync -f /mnt; df -k --output=used /mnt | tail -1; }
head -c 48M /dev/urandom > big
before=$(used)
"$2" scratch --way copy -- sh -c 'echo more >> big' || exit 1
echo $(($(used) - before))
filefrag -v /mnt/data/qpod/scratch/*/store/merged/big | grep -c 'shared' | grep -q '^0$' && echo not shared
"$2" scratch keep > /dev/null && tail -c 5 big && echo $(($(used) - before))`;

const inNamespace = (text: string, ...args: string[]) =>
  spawnSync("unshare", ["--mount", "sh", "-c", text, "sh", ...args], { encoding: "utf8" });

/** Makes a filesystem in a file. @returns why that cannot be had here. */
function whyNot(format: string): string | undefined {
  if (process.getuid?.() !== 0) return "only root mounts it";
  const image = join(folder, format);
  spawnSync("truncate", ["-s", "400M", image]);
  const made = spawnSync(`mkfs.${format}`, [image], { encoding: "utf8" });
  if (made.status !== 0) return made.error ? `mkfs.${format} is not installed` : made.stderr.trim();
  const { status, stderr } = inNamespace(mounted, image);
  return status === 0 ? undefined : stderr.trim();
}

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["btrfs", "xfs"].map((format) => ({ format, reason: whyNot(format) })))("a copy on $format", ({ format, reason }) => {
  test.skipIf(reason !== undefined)(`takes no room, nor does what is kept${reason ? ` (not here: ${reason})` : ""}`, () => {
    const installation = copyInstallation();
    try {
      const { stdout, stderr } = inNamespace(script, join(folder, format), installation.qpod);
      expect(stderr).toBe("");
      const [begun, more, kept] = stdout.trim().split("\n");
      expect(more).toBe("more");
      // Of 48 MB; their own books take some.
      expect(Math.max(Number(begun), Number(kept))).toBeLessThan(16_000);
    } finally {
      installation.remove();
    }
  });
});
