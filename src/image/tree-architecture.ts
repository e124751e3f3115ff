import { closeSync, openSync, readSync, statSync } from "node:fs";
import { resolveInside } from "./inside.ts";

/** ELF's e_machine in the OCI spelling. */
const machines: Record<number, string> = {
  3: "386",
  62: "amd64",
  183: "arm64",
  40: "arm",
  21: "ppc64le",
  22: "s390x",
  243: "riscv64",
  8: "mips64le",
  258: "loong64",
};

/** What the programs of a tree are compiled for, as its shell tells; undefined when that cannot be said. */
export function treeArchitecture(root: string): string | undefined {
  for (const path of ["/bin/sh", "/usr/bin/env", "/bin/busybox", "/bin/ls"]) {
    const real = resolveInside(root, path);
    const machine = real === undefined ? undefined : readMachine(real);
    if (machine !== undefined) return machines[machine];
  }
  return undefined;
}

function readMachine(path: string): number | undefined {
  const head = Buffer.alloc(20);
  try {
    if (!statSync(path).isFile()) return undefined;
    const fd = openSync(path, "r");
    try {
      readSync(fd, head, 0, 20, 0);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
  if (head.toString("latin1", 0, 4) !== "\x7fELF") return undefined;
  return head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
}
