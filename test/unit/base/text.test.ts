import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { didYouMean, editDistance, findClosest, listChoices, visible, visibleBytes } from "../../../src/base/text.ts";

describe("text from others is shown", () => {
  test.each([
    ["plain caf\u00e9 \u{1f600}", "plain caf\u00e9 \u{1f600}"],
    ["a\nb\tc\r", "a\\nb\\tc\\r"],
    ["\x1b[31m\x7f\x9b", "\\x1b[31m\\x7f\\x9b"],
    ["a\u202eb\u200bc\ufeff", "a\\u{202e}b\\u{200b}c\\u{feff}"],
    ["\ud800", "\\u{d800}"],
  ])("%j as %s", (text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  test("with stray bytes escaped", () => {
    expect(visibleBytes(Buffer.from([0x61, 0xe9, 0x0a]))).toBe("a\\xe9\\n");
    expect(visibleBytes(Buffer.from("caf\u00e9"))).toBe("caf\u00e9");
  });

  test("without any control character, whatever the bytes", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => !/[\p{Cc}\p{Cf}]/u.test(visibleBytes(bytes))));
  });
});

describe("the distance of two words", () => {
  test.each([
    ["", "abc", 3],
    ["gcc", "gcc", 0],
    ["comands", "commands", 1],
    ["dokcer", "docker", 1],
    ["kitten", "sitting", 3],
  ])("%s and %s is %i", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  test("is the same both ways, and at most the longer one's length", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const distance = editDistance(a, b);
        return distance === editDistance(b, a) && distance <= Math.max([...a].length, [...b].length);
      }),
    );
  });
});

describe("the word that was meant", () => {
  const words = ["commands", "mounts", "share", "ssh-agent"];
  test.each([
    ["comands", "commands"],
    ["mount", "mounts"],
    ["SSH_AGENT", "ssh-agent"],
    ["sahre", "share"],
    ["volumes", undefined],
    ["", undefined],
  ])("by %j is %s", (word, meant) => {
    expect(findClosest(word, words)).toBe(meant);
  });

  test("is asked for, escaped", () => {
    expect(didYouMean("ab", ["a\n"])).toBe('Did you mean "a\\n"?');
    expect(didYouMean("zzz", words)).toBeUndefined();
  });

  test("is not looked for in very long words", () => {
    expect(findClosest("x".repeat(1_000_000), words)).toBeUndefined();
  });
});

test("choices are listed as one says them", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listChoices)).toEqual(["", "a", "a or b", "a, b or c"]);
});
