import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodePolicy, hashPath } from "../../../src/policy/encode.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import { decodePolicy } from "./decode.ts";

const word = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\0"));
const words = fc.uniqueArray(word, { maxLength: 5 });
const path = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .map((bytes) => Buffer.concat([Buffer.from("/"), Buffer.from(bytes.filter((byte) => byte !== 0))]));

const environments = fc.uniqueArray(fc.record({ name: word, commands: words, commandGlobs: words, hostNames: words, hostPaths: words }), {
  selector: (one) => one.name,
  minLength: 1,
  maxLength: 4,
});

const policies: fc.Arbitrary<Policy> = environments.chain((all) => {
  const rule = fc.record({
    branch: fc.oneof(fc.constant(""), word),
    environment: fc.constantFrom(...all.map((one) => one.name)),
    pod: word,
    definition: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  });
  const tree = fc.record({ root: path, gitDir: path, rules: fc.array(rule, { maxLength: 3 }) });
  return fc.record({
    program: words,
    home: word,
    trees: fc.uniqueArray(tree, { selector: (one) => one.root.toString("latin1"), maxLength: 20 }),
    environments: fc.constant(all),
  });
});

const sorted = (names: string[]) => [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

describe("the policy file", () => {
  it("holds everything that was put in, with names sorted by bytes", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const back = decodePolicy(encodePolicy(policy));
        expect({ program: back.program, home: back.home, trees: back.trees }).toEqual({
          program: policy.program,
          home: policy.home,
          trees: policy.trees,
        });
        expect(back.environments).toEqual(
          policy.environments.map((one) => ({
            ...one,
            commands: sorted(one.commands),
            hostNames: sorted(one.hostNames),
          })),
        );
      }),
    );
  });

  it("finds each tree by its root's hash before it meets an empty slot", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const { slots, trees } = decodePolicy(encodePolicy(policy));
        expect(slots.length === 0 || slots.length >= 2 * trees.length).toBe(true);
        expect(slots.length & (slots.length - 1)).toBe(0);
        trees.forEach((tree, i) => {
          let slot = hashPath(tree.root) % slots.length;
          while (slots[slot] !== 0 && slots[slot] !== i + 1) slot = (slot + 1) % slots.length;
          expect(slots[slot]).toBe(i + 1);
        });
      }),
    );
  });

  it("says its own size, so that a truncated one is noticed", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const bytes = encodePolicy(policy);
        expect(bytes.readUInt32LE(12)).toBe(bytes.length);
      }),
    );
  });

  it("says at which depths there are roots, so that the others are not looked up", () => {
    const deep = `/${"x/".repeat(70)}y`;
    const trees = ["/a", "/a/b/c", deep].map((root) => ({ root: Buffer.from(root), gitDir: Buffer.from("/g"), rules: [] }));
    const bytes = encodePolicy({ program: [], home: "/q", environments: [], trees });
    expect(bytes.readBigUInt64LE(72)).toBe((1n << 1n) | (1n << 3n) | (1n << 63n));
  });

  it("joins the names of all environments in number 0", () => {
    const one = { commands: ["make", "gcc"], commandGlobs: ["*-gcc"], hostNames: ["git"], hostPaths: ["a/**"] };
    const bytes = encodePolicy({
      program: [],
      home: "/q",
      trees: [],
      environments: [
        { name: "a", ...one },
        { name: "b", ...one, commands: ["waf", "make"] },
      ],
    });
    expect(decodePolicy(bytes).union).toEqual({
      name: "",
      commands: ["gcc", "make", "waf"],
      commandGlobs: ["*-gcc"],
      hostNames: [],
      hostPaths: [],
    });
  });

  it("refuses a rule whose environment is not there, and a text with a NUL", () => {
    const rules = [{ branch: "", environment: "none", pod: "p", definition: 0n }];
    const tree = { root: Buffer.from("/r"), gitDir: Buffer.from("/r/.git"), rules };
    const policy = { program: [], home: "/q", environments: [], trees: [tree] };
    expect(() => encodePolicy(policy)).toThrow("none, which is not there");
    expect(() => encodePolicy({ ...policy, trees: [], home: "/q\0" })).toThrow("NUL");
  });

  it("hashes with FNV-1a", () => {
    expect(hashPath(Buffer.from(""))).toBe(0x811c9dc5);
    expect(hashPath(Buffer.from("foobar"))).toBe(0xbf9cf968);
  });
});
