import type { Policy, PolicyEnvironment } from "../../../src/policy/policy.ts";

/** Reads a policy file back, for tests; the product's readers are C. */
export function decodePolicy(bytes: Buffer): Policy & { slots: number[]; union: PolicyEnvironment } {
  const word = (at: number) => bytes.readUInt32LE(at);
  const text = (at: number) => bytes.subarray(word(at), word(at) + word(at + 4));
  const table = (at: number, size: number) => Array.from({ length: word(at) }, (_, i) => word(at + 4) + i * size);
  const [treeRows, slotRows, ruleRows, environmentRows, textRows] = [
    table(16, 24),
    table(24, 4),
    table(32, 32),
    table(40, 40),
    table(48, 8),
  ] as const;
  const list = (at: number) => textRows.slice(word(at), word(at) + word(at + 4)).map((row) => text(row).toString());
  const environments = environmentRows.map((at) => ({
    name: text(at).toString(),
    commands: list(at + 8),
    commandGlobs: list(at + 16),
    hostNames: list(at + 24),
    hostPaths: list(at + 32),
  }));
  const rules = ruleRows.map((at) => ({
    branch: text(at).toString(),
    pod: text(at + 8).toString(),
    environment: environments[word(at + 16)]?.name ?? "missing",
    definition: bytes.readBigUInt64LE(at + 24),
  }));
  const trees = treeRows.map((at) => ({
    root: Buffer.from(text(at)),
    gitDir: Buffer.from(text(at + 8)),
    rules: rules.slice(word(at + 16), word(at + 16) + word(at + 20)),
  }));
  const [union, ...others] = environments;
  if (!union) throw new Error("no environment 0");
  return { program: list(56), home: text(64).toString(), trees, environments: others, slots: slotRows.map(word), union };
}
