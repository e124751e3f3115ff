import { expect, test } from "vitest";
import { formatError, QpodError } from "../../../src/base/errors.ts";
import { parseRepositoryFile } from "../../../src/config/repository-file.ts";

const deep = (open: string, close: string) => `environment: old\ndescription: ${open.repeat(20_000)}${close.repeat(20_000)}\n`;
const nine = "abcdefghi".split("");
const bomb = nine
  .map(
    (name, i) =>
      `${name}: &${name} [${Array(9)
        .fill(i ? `*${nine[i - 1]}` : "x")
        .join(", ")}]`,
  )
  .join("\n");
const inline = (text: string) => `environment: mine\nenvironments:\n  mine:\n    image: x\n    ${text}\n`;
const texts: [string, string, RegExp][] = [
  ["a bomb of aliases", `${bomb}\n`, /\.qpod\.yaml:\d+:\d+: /],
  ["lists in lists", deep("[", "]"), /nested too deeply/],
  ["maps in maps", deep("{a: ", "}"), /nested too deeply/],
  ["indentation without end", Array.from({ length: 600 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"), /nested too deeply/],
  ["a name of half a megabyte", `environment: ${"x".repeat(500_000)}\n`, /\.qpod\.yaml:1:14: this is not an environment's name/],
  ["a key that a terminal would obey", '"\\e]0;owned\\a\\u202e": 1\n', /\.qpod\.yaml:1:1: .*\\x1b\]0;owned\\x07\\u\{202e\}/],
  ["a branch that a terminal would obey", 'bindings:\n- {branch: "\\e[2J", environment: old}\n', /\.qpod\.yaml:2:12: .*control character/],
  ["a name that climbs", "environment: ../../etc/passwd\n", /\.qpod\.yaml:1:14: this is not an environment's name/],
  ["a command that is a path", inline("commands: [../../bin/sh]"), /\.qpod\.yaml:5:16: .*is a path; commands are given by name/],
  ["a command with words", inline('commands: ["make; rm -rf ~"]'), /\.qpod\.yaml:5:16: .*more than the command's name|is a path/],
  ["a host path that climbs", inline("host: [../../outside/**]"), /\.qpod\.yaml:5:12: .*not a path inside the repository/],
  ["a mount over the kernel's", inline("mounts: [/etc:/proc]"), /\.qpod\.yaml:5:14: .*cannot be used/],
  ["a mount that climbs", inline("mounts: [/etc:/x/../../etc]"), /\.qpod\.yaml:5:14: .*holds "\.\."/],
  ["a path that climbs", inline("path: /qpod/../etc"), /\.qpod\.yaml:5:11: .*holds "\.\."/],
  ["a variable that loads code", inline("variables: {pass: [LD_PRELOAD]}"), /\.qpod\.yaml:5:24: LD_PRELOAD never passes/],
  ["bytes that are no text", "\xff\xfe\x00", /not UTF-8 text/],
];

/** Milliseconds within which even the worst text is refused, on a machine that does other things too. */
const QUICK = 5000;

test.each(texts)("a .qpod.yaml with %s is refused where it stands, quickly and in a few harmless lines", async (_, text, fact) => {
  const began = performance.now();
  const bytes = Buffer.from(text, text.startsWith("\xff") ? "latin1" : "utf8");
  const error = await parseRepositoryFile(bytes, "/src/.qpod.yaml", "/home/u").catch((caught) => caught);
  expect(error).toBeInstanceOf(QpodError);
  const shown = formatError(error as QpodError);
  expect(shown).toMatch(fact);
  expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/);
  expect(shown.length).toBeLessThan(4000);
  expect(performance.now() - began).toBeLessThan(QUICK);
});
