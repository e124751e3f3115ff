import { expect, test } from "vitest";
import type { BoundPod } from "../../../src/engine/bound-pods.ts";
import { shimNames } from "../../../src/engine/shim-names.ts";
import { aPod } from "./a-pod.ts";

test("shims are the commands, and their versioned and prefixed forms that the root really has", () => {
  const pod = aPod({ commands: ["python", "*-elf-gcc", "../evil"] });
  pod.root.programs = ["gcc-4.8", "python2.7", "m68k-elf-gcc", "arm-none-eabi-gcc-4.8", "ls", "perl"];
  const bound: BoundPod = { id: "1", worktree: pod.worktree, environmentName: "old", environment: pod.environment, pod };
  const names = shimNames([bound]);
  for (const name of ["make", "gcc", "gcc-4.8", "python", "python2.7", "m68k-elf-gcc", "arm-none-eabi-gcc-4.8"])
    expect(names).toContain(name);
  for (const name of ["ls", "perl", "../evil", "*-elf-gcc"]) expect(names).not.toContain(name);
});
