import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeOperations, encodeOperations, type Operation, op, operationName } from "../../../src/launch/operations.ts";

const unsigned = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.record({
    code: fc.constantFrom(...Object.values(op)),
    numbers: fc.array(unsigned, { maxLength: 4 }),
    strings: fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 6 }),
  }),
);

describe("an operation list", () => {
  it("reads back as it was written", () => {
    fc.assert(
      fc.property(operations, (list) => {
        const back = decodeOperations(encodeOperations(list));
        expect(back.map((one) => one.code)).toEqual(list.map((one) => one.code));
        list.forEach((one, i) => {
          const numbers = [...(one.numbers ?? []), 0n, 0n, 0n, 0n].slice(0, 4);
          expect(back[i]?.numbers).toEqual(numbers);
          expect(back[i]?.strings.map((bytes) => [...bytes])).toEqual(one.strings?.map((text) => [...Buffer.from(text)]));
        });
      }),
    );
  });

  it("is refused when any byte of it is missing", () => {
    const bytes = encodeOperations([
      { code: op.set, strings: ["A=1", "B=2"] },
      { code: op.join, numbers: [3] },
    ]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeOperations(bytes.subarray(0, length))).toThrow(RangeError);
    }
  });

  it("never reads outside, whatever the bytes are", () => {
    fc.assert(
      fc.property(operations, fc.nat(), fc.nat(255), (list, at, value) => {
        const bytes = encodeOperations(list);
        bytes[at % bytes.length] = value;
        try {
          decodeOperations(bytes);
        } catch (error) {
          expect(String(error)).toMatch(/damaged|truncated|not an operation list|qpod/);
        }
      }),
    );
  });

  it("names the version that it cannot read", () => {
    const bytes = encodeOperations([]);
    bytes.writeUInt32LE(9, 8);
    expect(() => decodeOperations(bytes)).toThrow("written by a newer qpod");
    bytes.writeUInt32LE(0, 8);
    expect(() => decodeOperations(bytes)).toThrow("written by an older qpod");
  });

  it("holds one list inside another", () => {
    const inner = encodeOperations([{ code: op.pod, strings: ["p"] }]);
    const [outer] = decodeOperations(encodeOperations([{ code: op.entry, strings: ["/file", inner] }]));
    expect(decodeOperations(outer?.strings[1] ?? Buffer.alloc(0))[0]?.code).toBe(op.pod);
  });

  it("refuses a fifth number", () => {
    expect(() => encodeOperations([{ code: op.mount, numbers: [1, 2, 3, 4, 5] }])).toThrow("5 numbers");
  });

  it("has the numbers of the header that C reads", () => {
    const header = readFileSync("native/format/operation.h", "utf8");
    const codes = [...header.matchAll(/\bOP_([A-Z_]+) = (\d+)/g)].map(([, name = "", code]) => [
      name.toLowerCase().replaceAll("_", "-"),
      Number(code),
    ]);
    expect(codes).toEqual(Object.values(op).map((code) => [operationName(code), code]));
  });
});
