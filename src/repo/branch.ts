import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { visibleBytes } from "../base/text.ts";
import { trimLineEnd } from "./byte-paths.ts";
import { readSmallFile } from "./small-file.ts";

/** What HEAD says. */
export type Head =
  /** `name` is without `refs/heads/`, and safe to show; `bytes` is what patterns are matched with. */
  | { kind: "branch"; name: string; bytes: Buffer }
  | { kind: "detached"; commit: string }
  /** Of other tools' making, `refs/remotes/origin/main` for instance: no branch, so no pattern matches. */
  | { kind: "other"; ref: string }
  /** Kept in a format that we do not read. */
  | { kind: "unknown"; reason: string };

const HEADS = "refs/heads/";

/** Reads HEAD of a work tree's own git dir. */
export function readHead(gitDir: string): Head {
  const file = join(gitDir, "HEAD");
  const content = readHeadFile(file);
  const text = trimLineEnd(content);
  const symbolic = /^ref:[ \t]*/.exec(Buffer.from(text).toString("latin1"));
  if (symbolic) return describeRef(text.subarray(symbolic[0].length));
  const commit = Buffer.from(text).toString("latin1");
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(commit)) return { kind: "detached", commit: commit.toLowerCase() };
  throw new QpodError({
    fact: "HEAD holds neither a branch nor a commit",
    place: { file },
    remedy: "`git status` in the repository says more.",
  });
}

/** In repositories made before 2005's end HEAD is a symlink to the branch's file. */
function readHeadFile(file: string): Uint8Array {
  try {
    const target = readlinkSync(file, { encoding: "buffer" });
    if (target.subarray(0, HEADS.length).equals(Buffer.from(HEADS))) return Buffer.concat([Buffer.from("ref: "), target]);
  } catch {
    // An ordinary file, as ever since.
  }
  return readSmallFile(file) ?? Buffer.alloc(0);
}

function describeRef(ref: Uint8Array): Head {
  const text = Buffer.from(ref).toString("latin1");
  // git leaves this for programs that do not know its newer format.
  if (text === `${HEADS}.invalid`) return { kind: "unknown", reason: "the repository keeps its branches in the reftable format" };
  if (!text.startsWith(HEADS)) return { kind: "other", ref: visibleBytes(ref) };
  const bytes = Buffer.from(ref.subarray(HEADS.length));
  return { kind: "branch", name: visibleBytes(bytes), bytes };
}

/** HEAD in a few words, safe for a terminal: `branch release/2018.3`, `no branch (at 82b796faa9a0)`. */
export function formatHead(head: Head): string {
  if (head.kind === "branch") return `branch ${head.name}`;
  if (head.kind === "other") return `no branch (at ${head.ref})`;
  if (head.kind === "detached") return `no branch (at ${head.commit.slice(0, 12)})`;
  return `an unknown branch (${head.reason})`;
}
