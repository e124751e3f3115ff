import { lstatSync, readdirSync, type Stats } from "node:fs";
import { errnoOf } from "../base/errors.ts";

/** A path as the kernel has it, one character for each byte: names need not be UTF-8, and none may be lost. */
export type Raw = string;

export const rawOf = (text: string): Raw => Buffer.from(text).toString("latin1");
export const bytesOf = (raw: Raw): Buffer => Buffer.from(raw, "latin1");
export const textOf = (raw: Raw): string => bytesOf(raw).toString("utf8");

/** Undefined when there is nothing at the path, or no folder on its way. Symbolic links are not followed. */
export function lookAt(path: Raw): Stats | undefined {
  try {
    return lstatSync(bytesOf(path), { throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === "ENOTDIR" || errnoOf(error) === "EACCES") return undefined;
    throw error;
  }
}

/** What is in a folder, in the order of the bytes. */
export function namesIn(folder: Raw): Raw[] {
  return readdirSync(bytesOf(folder), { encoding: "latin1" }).sort();
}

/** Of a folder that need not be there, nor be for us to look into: then no command of ours changed it either. */
export function namesIfAny(folder: Raw): Raw[] {
  try {
    return namesIn(folder);
  } catch {
    return [];
  }
}
