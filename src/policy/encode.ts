import type { Policy, PolicyEnvironment, PolicyRule, PolicyTree } from "./policy.ts";

/** The policy file: native/format/policy.h in TypeScript, byte for byte. */

const MAGIC = Buffer.from("qpodpol\n");
const VERSION = 1;
const sizes = { header: 96, tree: 24, slot: 4, rule: 32, environment: 40, text: 8 } as const;

/** Everything that is not a table of its own: strings, each kept once, and the lists that refer to them. */
class Texts {
  private readonly strings: Buffer[] = [];
  private readonly known = new Map<string, { at: number; length: number }>();
  private readonly items: { at: number; length: number }[] = [];
  private size = 0;

  /** @returns the string's place, counted from the first string. */
  text(value: string | Uint8Array) {
    const bytes = typeof value === "string" ? Buffer.from(value) : Buffer.from(value);
    if (bytes.includes(0)) throw new RangeError(`a text of the policy holds a NUL: ${JSON.stringify(bytes.toString())}`);
    const key = bytes.toString("latin1");
    let place = this.known.get(key);
    if (!place) {
      place = { at: this.size, length: bytes.length };
      this.known.set(key, place);
      this.strings.push(bytes, Buffer.of(0));
      this.size += bytes.length + 1;
    }
    return place;
  }

  list(values: readonly string[]) {
    const first = this.items.length;
    for (const value of values) this.items.push(this.text(value));
    return { first, count: values.length };
  }

  get count() {
    return this.items.length;
  }

  table(stringsAt: number): Buffer {
    return words(this.items.flatMap((item) => [stringsAt + item.at, item.length]));
  }

  bytes(): Buffer {
    return Buffer.concat(this.strings);
  }
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * 4);
  return bytes;
}

/** @throws RangeError for what the format cannot hold or a rule without its environment: our mistakes, not the user's. */
export function encodePolicy(policy: Policy): Buffer {
  const texts = new Texts();
  const environments = [unionOfNames(policy.environments), ...policy.environments].map((one) => collect(one, texts));
  const numbers = new Map(policy.environments.map((one, i) => [one.name, i + 1]));
  const program = texts.list(policy.program);
  const home = texts.text(policy.home);
  const sources = policy.sources?.length ? texts.list(policy.sources) : { first: 0, count: 0 };
  const rules = policy.trees.flatMap((tree) => tree.rules.map((rule) => collectRule(rule, texts, numbers)));
  let firstRule = 0;
  const trees = policy.trees.map((tree) => {
    const item = { root: texts.text(tree.root), gitDir: texts.text(tree.gitDir), firstRule, count: tree.rules.length };
    firstRule += tree.rules.length;
    return item;
  });
  const slots = fillSlots(policy.trees);

  // What nearly every question needs stands together at the front; the rest may be megabytes.
  const environmentAt = sizes.header;
  const textAt = environmentAt + environments.length * sizes.environment;
  const stringsAt = textAt + texts.count * sizes.text;
  const strings = texts.bytes();
  const treeAt = Math.ceil((stringsAt + strings.length) / 4) * 4;
  const slotAt = treeAt + trees.length * sizes.tree;
  const ruleAt = slotAt + slots.length * sizes.slot;
  const size = ruleAt + rules.length * sizes.rule;
  const place = (text: { at: number; length: number }) => [stringsAt + text.at, text.length];
  const counts = [
    ...[trees.length, treeAt, slots.length, slotAt, rules.length, ruleAt],
    ...[environments.length, environmentAt, texts.count, textAt],
  ];
  return Buffer.concat([
    MAGIC,
    words([
      VERSION,
      size,
      ...counts,
      program.first,
      program.count,
      ...place(home),
      ...depthsOf(policy.trees),
      sources.first,
      sources.count,
      0,
      0,
    ]),
    words(environments.flatMap((one) => [...place(one.name), ...one.lists.flatMap((list) => [list.first, list.count])])),
    texts.table(stringsAt),
    strings,
    Buffer.alloc(treeAt - stringsAt - strings.length),
    words(trees.flatMap((tree) => [...place(tree.root), ...place(tree.gitDir), tree.firstRule, tree.count])),
    words(slots),
    words(rules.flatMap((rule) => [...place(rule.branch), ...place(rule.pod), rule.environment, rule.flags, ...rule.definition])),
  ]);
}

/** Which numbers of slashes the roots have, as 64 bits. */
function depthsOf(trees: readonly PolicyTree[]): [number, number] {
  const depths: [number, number] = [0, 0];
  for (const tree of trees) {
    const bit = Math.min(63, tree.root.filter((byte) => byte === 0x2f).length);
    depths[bit < 32 ? 0 : 1] |= 1 << (bit % 32);
  }
  return [depths[0] >>> 0, depths[1] >>> 0];
}

/** Number 0: a name that is not among these is nobody's command, which ends most questions at once. */
function unionOfNames(environments: readonly PolicyEnvironment[]): PolicyEnvironment {
  const all = (pick: (one: PolicyEnvironment) => string[]) => [...new Set(environments.flatMap(pick))];
  const commands = all((one) => one.commands);
  return { name: "", commands, commandGlobs: all((one) => one.commandGlobs), hostNames: [], hostPaths: [] };
}

function collect(one: PolicyEnvironment, texts: Texts) {
  const lists = [sortByBytes(one.commands), one.commandGlobs, sortByBytes(one.hostNames), one.hostPaths];
  return { name: texts.text(one.name), lists: lists.map((list) => texts.list(list)) };
}

/** C searches by bytes; JavaScript's own order is by UTF-16 units. */
function sortByBytes(names: readonly string[]): string[] {
  return [...new Set(names)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function collectRule(rule: PolicyRule, texts: Texts, numbers: Map<string, number>) {
  const environment = numbers.get(rule.environment);
  if (environment === undefined) throw new RangeError(`a rule names the environment ${rule.environment}, which is not there`);
  const definition = [Number(rule.definition & 0xffffffffn), Number((rule.definition >> 32n) & 0xffffffffn)];
  return { branch: texts.text(rule.branch), pod: texts.text(rule.pod), environment, flags: rule.flags ?? 0, definition };
}

/** Tree numbers from 1, by the hash of the root; a root that comes twice is found by its first tree. */
function fillSlots(trees: readonly PolicyTree[]): number[] {
  let count = 2;
  while (count < 2 * trees.length) count *= 2;
  const slots = new Array<number>(trees.length === 0 ? 0 : count).fill(0);
  trees.forEach((tree, i) => {
    let slot = hashPath(tree.root) & (count - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (count - 1);
    slots[slot] = i + 1;
  });
  return slots;
}

/** FNV-1a. */
export function hashPath(path: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of path) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
