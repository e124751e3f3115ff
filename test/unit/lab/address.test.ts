import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isInside, mask, parseAddress, parseNetwork } from "../../../src/lab/address.ts";

describe("addresses", () => {
  test.each([
    ["10.0.0.1", "0a000001"],
    ["fd00::1", "fd000000000000000000000000000001"],
    ["::", "00000000000000000000000000000000"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["fe80::", "fe800000000000000000000000000000"],
    ["::ffff:10.0.0.1", "00000000000000000000ffff0a000001"],
    ["64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221"],
  ])("%s is %s", (text, bytes) => expect(parseAddress(text)?.toString("hex")).toBe(bytes));

  test.each(["", "10.0.0", "10.0.0.256", "fd00::1%eth0", ":::", "a", "10.0.0.1/24", "0x0a.0.0.1"])("%j is none", (text) =>
    expect(parseAddress(text)).toBeUndefined(),
  );

  test("any that is written in full is read back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const text = (Buffer.from(bytes).toString("hex").match(/.{4}/g) ?? []).join(":");
        expect([...(parseAddress(text) ?? [])]).toEqual([...bytes]);
      }),
    );
  });

  test.each(["10.0.0.1", "10.0.0.1/33", "10.0.0.1/", "fd00::1/129", "10.0.0.1/2/3", "10.0.0.1/-1", "10.0.0.1/x"])(
    "%j is no network",
    (text) => expect(parseNetwork(text)).toBeUndefined(),
  );

  test("the mask keeps whole and half bytes", () => {
    expect([...mask(Buffer.from([255, 255, 255, 255]), 20)]).toEqual([255, 255, 240, 0]);
    expect([...mask(Buffer.from([255, 255, 255, 255]), 0)]).toEqual([0, 0, 0, 0]);
    expect([...mask(Buffer.from([255, 255, 255, 255]), 32)]).toEqual([255, 255, 255, 255]);
  });

  test("a network holds its own and no other family", () => {
    const network = parseNetwork("10.1.16.0/20");
    if (!network) throw new Error("it is one");
    expect(isInside(Buffer.from([10, 1, 31, 7]), network)).toBe(true);
    expect(isInside(Buffer.from([10, 1, 32, 7]), network)).toBe(false);
    expect(isInside(Buffer.alloc(16), network)).toBe(false);
  });
});
