import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { runOrFail } from "../process/run.ts";

export interface Fifo {
  readable: Readable;
  /** For a child, which can open it by name (/proc/self/fd/N): the pipes that Node makes are sockets, which it cannot. */
  writer: number;
  closeWriter(): void;
}

/** A pipe whose name is gone before it is used. */
export async function makeFifo(): Promise<Fifo> {
  const folder = mkdtempSync(join(tmpdir(), "qpod-fifo-"));
  const path = join(folder, "fifo");
  try {
    await runOrFail(["mkfifo", "-m", "600", path], { remedy: "It is part of the package `coreutils`." });
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    let isOpen = true;
    const closeWriter = () => {
      if (isOpen) closeSync(writer);
      isOpen = false;
    };
    return { readable: new Socket({ fd: reader, readable: true, writable: false }), writer, closeWriter };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
