import { createHash } from "node:crypto";
import { isAbsolute, join } from "node:path";
import { readStateFile, type StateFile, updateStateFile } from "../repo/state-file.ts";

/** What the user said of a file that came with a repository; `changed` was allowed with other contents only. */
export type Trust = "allowed" | "denied" | "unknown" | "changed";

interface Verdict {
  trust: "allowed" | "denied";
  /** Of each content that was allowed: a file differs between branches, and a checkout must not ask again. */
  sha256: string[];
}

/** More than there are branches with their own content; the oldest are forgotten first. */
const REMEMBER = 200;

type Verdicts = Record<string, Verdict>;

function trustFile(state: string): StateFile<Verdicts> {
  return {
    path: join(state, "trust.json"),
    what: "the list of allowed files",
    remedy: "Mend the file, or remove it and run `qpod allow` in each repository again.",
    empty: {},
    isValid: isVerdicts,
  };
}

export function hashContent(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Never asks. A denied file stays denied whatever it becomes, so that nobody is worn down by its changes. */
export function judgeFile(state: string, path: string, sha256: string): Trust {
  const verdicts = readStateFile(trustFile(state));
  const verdict = Object.hasOwn(verdicts, path) ? verdicts[path] : undefined;
  if (!verdict) return "unknown";
  if (verdict.trust === "denied") return "denied";
  return verdict.sha256.includes(sha256) ? "allowed" : "changed";
}

/** Notes what the user said of a file (physical path) with this content. */
export function setTrust(state: string, path: string, sha256: string, trust: "allowed" | "denied"): Promise<void> {
  return updateStateFile(trustFile(state), (verdicts) => {
    const before = Object.hasOwn(verdicts, path) ? (verdicts[path]?.sha256 ?? []) : [];
    const others = before.filter((known) => known !== sha256);
    const hashes = trust === "allowed" ? [...others, sha256].slice(-REMEMBER) : [];
    return { content: { ...verdicts, [path]: { trust, sha256: hashes } }, result: undefined };
  });
}

function isVerdicts(content: unknown): content is Verdicts {
  if (typeof content !== "object" || content === null || Array.isArray(content)) return false;
  return Object.entries(content).every(([path, verdict]) => {
    const { trust, sha256 } = Object(verdict) as Record<string, unknown>;
    return (
      isAbsolute(path) &&
      (trust === "allowed" || trust === "denied") &&
      Array.isArray(sha256) &&
      sha256.every((hash) => typeof hash === "string")
    );
  });
}
