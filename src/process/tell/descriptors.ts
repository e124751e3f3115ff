import { Readable, Writable } from "node:stream";
import type { Settings, Source } from "../settings.ts";
import type { Wrong } from "./mistakes.ts";

export type Input = "null" | "inherit" | "pipe" | number | { file: string } | Uint8Array | Readable;
export type OutputTo = "buffer" | "null" | "inherit" | "pipe" | number | { file: string; append?: boolean } | Writable;

const names = ["stdin", "stdout", "stderr"];

export function setInput(settings: Settings, from: Input): Wrong {
  return give(settings, 0, inputSource(from));
}

export function setOutput(settings: Settings, target: 1 | 2, to: OutputTo): Wrong {
  return give(settings, target, outputSource(target, to));
}

export function joinOutput(settings: Settings): Wrong {
  return give(settings, 2, { kind: "same", as: 1 });
}

/** Any but the usual three. */
export function giveOther(settings: Settings, target: number, from: Source): Wrong {
  if (!Number.isInteger(target) || target <= 2)
    return `descriptor ${target} cannot be passed: 0, 1 and 2 are given by stdin(), stdout() and stderr()`;
  return give(settings, target, from);
}

/** @param fd ours. */
export function passOurs(
  settings: Settings,
  fd: number,
  { closeInParent = false, as = fd }: { closeInParent?: boolean; as?: number },
): Wrong {
  return isDescriptor(fd) ? giveOther(settings, as, { kind: "ours", fd, closeInParent }) : `${fd} is no descriptor`;
}

export const toBytes = (data: string | Uint8Array): Uint8Array => (typeof data === "string" ? Buffer.from(data) : data);

function give({ descriptors }: Settings, target: number, from: Source | string): Wrong {
  if (typeof from === "string") return from;
  if (descriptors.has(target)) return `${names[target] ?? `descriptor ${target}`} is given twice`;
  descriptors.set(target, from);
  return undefined;
}

function inputSource(from: Input): Source | string {
  if (from === "null") return { kind: "null" };
  if (from === "inherit") return { kind: "ours", fd: 0 };
  if (from === "pipe") return { kind: "pipe", direction: "written" };
  if (typeof from === "number") return isDescriptor(from) ? { kind: "ours", fd: from } : `${from} is no descriptor`;
  if (from instanceof Uint8Array) return { kind: "bytes", bytes: from };
  if (from instanceof Readable) return { kind: "pipe", direction: "written", stream: from };
  if (typeof from === "object" && typeof from?.file === "string") return { kind: "file", path: from.file, append: false };
  return `stdin cannot be ${String(from)}`;
}

function outputSource(target: 1 | 2, to: OutputTo): Source | string {
  if (to === "buffer") return { kind: "captured" };
  if (to === "null") return { kind: "null" };
  if (to === "inherit") return { kind: "ours", fd: target };
  if (to === "pipe") return { kind: "pipe", direction: "read" };
  if (typeof to === "number") return isDescriptor(to) ? { kind: "ours", fd: to } : `${to} is no descriptor`;
  if (to instanceof Writable) return { kind: "pipe", direction: "read", stream: to };
  if (typeof to === "object" && typeof to?.file === "string") return { kind: "file", path: to.file, append: to.append ?? false };
  return `${names[target]} cannot be ${String(to)}`;
}

const isDescriptor = (fd: number) => Number.isInteger(fd) && fd >= 0;
