import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findSettings, Sandbox } from "../support/sandbox.ts";

const page = readFileSync(new URL("../../docs/json.md", import.meta.url), "utf8");

/** Per command, its fields as the page writes them: `applies?`, `bindings[].file`. */
const documented = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [
      /^`qpod (.*)`/.exec(section)?.[1] ?? section,
      [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, field]) => field ?? ""),
    ]),
);

/** Maps whose keys are the user's own words. */
const open = ["variables.set", "limits"];

function fieldsOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => (typeof item === "object" ? fieldsOf(item, path && `${path}[]`) : []));
  if (typeof value !== "object" || value === null || open.includes(path)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const name = path ? `${path}.${key}` : key;
    const inner = fieldsOf(item, name);
    return inner.length > 0 && !Array.isArray(item) ? inner : [name, ...inner];
  });
}

/** `a`, `a.b` and `a.b[].c` of the last. */
function withParents(field: string): string[] {
  const parts = field.split(".");
  return parts.map((_, i) =>
    parts
      .slice(0, i + 1)
      .join(".")
      .replace(/\[\]$/, ""),
  );
}

const [setting] = findSettings().filter(({ engine }) => engine === "embedded");

describe.skipIf(!setting)("what --json prints", () => {
  let installation: Installation;
  let sandbox: Sandbox;

  beforeAll(async () => {
    installation = copyInstallation();
    sandbox = new Sandbox(setting as NonNullable<typeof setting>, installation);
    await sandbox.furnish(
      "description: The old line\nvariables: {set: {A: b}}\nmounts: [/var/tmp:/elsewhere:ro]\nlimits: {open-files: 1024}\n",
    );
    sandbox.must([sandbox.qpod, "up"]);
  });

  afterAll(() => {
    sandbox.remove();
    installation.remove();
  });

  /** Only what makes no difference to the shape is needed beside `--json`. */
  const calls: [string, string[]][] = [
    ["status", []],
    ["env list", []],
    ["env show", ["old"]],
    ["env update", ["old"]],
    ["explain", ["make"]],
    ["explain", ["ls"]],
    ["ps", []],
    ["doctor", []],
    ["gc", ["--dry-run"]],
    ["ide", []],
    ["scratch list", []],
    ["lab ps", []],
  ];

  test.each(calls)("by qpod %s %j is as the page says", (name, words) => {
    const { stdout, stderr } = sandbox.command([...name.split(" "), "--json", ...words]);
    const value: unknown = JSON.parse(stdout);
    const all = documented.get(name) ?? [];
    const isOptional = (field: string) => all.includes(`${field}?`);
    const known = all.flatMap((field) => withParents(field.replace("?", "")));
    expect(stderr).toBe("");
    expect([...new Set(fieldsOf(value))].filter((field) => !known.includes(field))).toEqual([]);
    const required = known.filter((field) => /^\w+$/.test(field) && !isOptional(field));
    for (const item of Array.isArray(value) ? value : [value]) expect(Object.keys(item)).toEqual(expect.arrayContaining(required));
  });

  test("has a section for each command that has the option, and for no other", async () => {
    const { commands } = await import("../../src/cli/commands.ts");
    const having = commands.filter(({ options = [] }) => options.some(({ flags }) => flags === "--json")).map(({ name }) => name);
    expect([...documented.keys(), "trace", "debug"].sort()).toEqual(having.sort());
  });
});
