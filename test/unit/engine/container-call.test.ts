import { expect, test } from "vitest";
import { ContainerTool } from "../../../src/engine/container-call.ts";

test("a tool that fails is quoted, and one that says nothing is said to", async () => {
  const tool = new ContainerTool("podman", ["sh", "-c"]);
  await expect(tool.callOrFail(["echo Error: no space left >&2; exit 125"], "cannot remove x")).rejects.toMatchObject({
    fact: "cannot remove x: no space left",
  });
  await expect(tool.callOrFail(["exit 2"], "cannot remove x")).rejects.toMatchObject({
    fact: "cannot remove x: it ended with status 2, without a word",
  });
});
