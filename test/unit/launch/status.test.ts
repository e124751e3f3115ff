import { describe, expect, it } from "vitest";
import { decodeStatus } from "../../../src/launch/status.ts";

function record(kind: number, number: bigint, strings: string[], version = 1): Buffer {
  const text = Buffer.from(strings.map((one) => `${one}\0`).join(""));
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0x31537071, 0);
  header.writeUInt16LE(kind, 4);
  header.writeUInt16LE(version, 6);
  header.writeUInt32LE(text.length, 8);
  header.writeBigInt64LE(number, 16);
  return Buffer.concat([header, text]);
}

describe("status records", () => {
  it("say which operation failed, on what, and why", () => {
    const { records, rest } = decodeStatus(record(1, 2n, ["mount", "/proc", "not permitted here"]));
    expect(records).toEqual([{ kind: "failed", errno: 2, operation: "mount", argument: "/proc", explanation: "not permitted here" }]);
    expect(rest.length).toBe(0);
  });

  it("are read in order, of every kind", () => {
    const bytes = Buffer.concat([
      record(2, 4711n, ["pod-1", "98765432109876543"]),
      record(3, -1n, ["rule", ""]),
      record(4, 0n, ["pulling"]),
      record(99, 5n, ["a", "b"]),
    ]);
    expect(decodeStatus(bytes).records).toEqual([
      { kind: "started", pid: 4711, pod: "pod-1", startTime: 98765432109876543n },
      { kind: "fact", number: -1n, key: "rule", value: "" },
      { kind: "note", text: "pulling" },
      { kind: "unknown", code: 99, number: 5n, strings: ["a", "b"] },
    ]);
  });

  it("leave the half record at the end for the next time", () => {
    const whole = Buffer.concat([record(4, 0n, ["one"]), record(4, 0n, ["two"])]);
    for (let length = 0; length < whole.length; length++) {
      const { records, rest } = decodeStatus(whole.subarray(0, length));
      expect(records.length).toBe(length < 28 ? 0 : 1);
      expect(rest.length).toBe(length < 28 ? length : length - 28);
    }
  });

  it("are refused when they are none, of another version, too long or without an end", () => {
    expect(() => decodeStatus(Buffer.alloc(24))).toThrow("no status record at byte 0");
    expect(() => decodeStatus(record(4, 0n, ["x"], 2))).toThrow("version 2, not 1");
    expect(() => decodeStatus(record(4, 0n, ["x".repeat(20000)]))).toThrow("20001 bytes");
    const open = record(4, 0n, ["x"]);
    open[open.length - 1] = 0x79;
    expect(() => decodeStatus(open)).toThrow("no end");
  });
});
