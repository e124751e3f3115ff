import { decodeOperations, operationName } from "../../src/launch/operations.ts";
import { decodePolicy } from "../unit/policy/decode.ts";

/** The same text that show.c prints, made by reading the bytes in TypeScript. */

export function showBytes(bytes: Uint8Array | string): string {
  return [...Buffer.from(bytes)]
    .map((c) => (c < 33 || c > 126 || c === 0x5c ? `\\x${c.toString(16).padStart(2, "0")}` : String.fromCharCode(c)))
    .join("");
}

const list = (name: string, values: string[]) => [name, ...values.map(showBytes)].join(" ");

export function showPolicy(bytes: Buffer): string {
  const policy = decodePolicy(bytes);
  const all = [policy.union, ...policy.environments];
  const lines = [list("program", policy.program), `home ${showBytes(policy.home)}`];
  policy.trees.forEach((tree, i) => {
    lines.push(`tree ${showBytes(tree.root)} git ${showBytes(tree.gitDir)} found=${i}`);
    for (const rule of tree.rules) {
      const number = all.findIndex((one) => one.name === rule.environment);
      lines.push(`  branch=${showBytes(rule.branch)} pod=${showBytes(rule.pod)} environment=${number} definition=${rule.definition}`);
    }
  });
  for (const one of all) {
    lines.push(`environment ${showBytes(one.name)}`);
    lines.push(list("  commands", one.commands), list("  globs", one.commandGlobs));
    lines.push(list("  host", one.hostNames), list("  paths", one.hostPaths));
  }
  return `${lines.join("\n")}\n`;
}

export function showOperations(bytes: Buffer): string {
  const lines = decodeOperations(bytes).map((one) =>
    [operationName(one.code), ...one.numbers, ...one.strings.map((text) => `'${showBytes(text)}'`)].join(" "),
  );
  return `${lines.join("\n")}\n`;
}
