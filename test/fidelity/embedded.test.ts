import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPeople } from "../support/person.ts";
import { testRootfs } from "../support/rootfs.ts";
import { natives } from "./columns/native.ts";
import { sessions } from "./columns/qpod.ts";
import { makeKit } from "./kit.ts";
import { measure, type Result } from "./measure.ts";
import { reference } from "./page.ts";
import { rows } from "./rows.ts";
import type { Column } from "./way.ts";

/** What `make fidelity` measures at length, for the ways that differ from native in nothing but what has a reason. */
const columns = findPeople().length > 1 ? (["root", "ordinary"] as const) : (["ordinary"] as const);
const quick = rows.filter((row) => !row.figure && !row.needs);

describe.each(columns)("a command in an embedded pod is as native (%s)", (as) => {
  const results: Result[] = [];
  let kit: ReturnType<typeof makeKit>;

  beforeAll(async () => {
    const tree = await testRootfs();
    kit = makeKit(tree, async () => tree);
    const find = (all: Column[], name: string) => all.find((one) => one.as === as && one.name.startsWith(name)) as Column;
    for (const column of [find(natives, "native"), find(sessions, "qpod embedded")])
      results.push(await measure(column, kit, quick, { quick: true }));
    expect(results.map(({ reason }) => reason)).toEqual([undefined, undefined]);
  });

  afterAll(() => kit.remove());

  test.each(quick.map((row): [string, (typeof rows)[number]] => [row.name, row]))("%s", (_, row) => {
    const [native, qpod] = results;
    const findings = qpod?.findings.filter((one) => one.row === row) ?? [];
    expect(findings).toHaveLength(row.terminal === "both" ? 2 : 1);
    for (const { value } of native?.findings.filter((one) => one.row === row) ?? [])
      expect(typeof value === "string" ? value : "").not.toMatch(/^failed|did not run/);
    for (const finding of findings) {
      if (row.because) expect(native?.findings.some((one) => one.row === row)).toBe(true);
      else expect(finding.value).toEqual(reference(finding, native));
    }
  });
});
