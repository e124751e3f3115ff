import { encodeOperations, type Operation, op, option } from "../../src/launch/operations.ts";
import type { Policy } from "../../src/policy/policy.ts";

/** What the golden files hold: a bit of everything, and the awkward bytes. */
export const policy: Policy = {
  program: ["/usr/bin/node", "/opt/qpod/main.js"],
  home: "/opt/qpod",
  trees: [
    {
      root: Buffer.from("/home/u/src"),
      gitDir: Buffer.from("/home/u/src/.git"),
      rules: [{ branch: "", environment: "old", pod: "old-1", definition: 2n ** 64n - 1n }],
    },
    {
      root: Buffer.from("/home/u/src/inner work tree"),
      gitDir: Buffer.from("/home/u/src/.git/worktrees/inner"),
      rules: [
        { branch: "release/2018.*", environment: "old", pod: "old-2", definition: 1n },
        { branch: "", environment: "newer", pod: "newer-1", definition: 5_000_000_000n },
      ],
    },
    {
      root: Buffer.from("/home/u/caf\xe9\n", "latin1"),
      gitDir: Buffer.from("/home/u/caf\xe9\n/.git", "latin1"),
      rules: [{ branch: "release/**", environment: "newer", pod: "newer-2", definition: 0n }],
    },
    { root: Buffer.from("/home/u/all-host"), gitDir: Buffer.from("/home/u/all-host/.git"), rules: [] },
  ],
  environments: [
    {
      name: "old",
      commands: ["make", "gcc", "g++", "clang++", "python", "m4", "ä", "\u{1f600}", "\uff5e"],
      commandGlobs: ["*-elf-gcc"],
      hostNames: ["vim", "git*"],
      hostPaths: [".git/**", "tools/*/run", "**/generated/*.sh"],
    },
    { name: "newer", commands: ["make", "cmake"], commandGlobs: [], hostNames: ["make"], hostPaths: [".git/**"] },
  ],
};

export const operations: Operation[] = [
  { code: op.pod, numbers: [4711, 98765432109876543n, 2n ** 64n - 1n], strings: ["pod-1"] },
  { code: op.join, numbers: [0x10020000] },
  { code: op.passIf, strings: ["LC_*", "C.UTF-8", ""] },
  { code: op.set, strings: ["A=1", "B=two words", "C=\nnew line", Buffer.from([0x44, 0x3d, 0xff, 0x80])] },
  { code: op.bind, numbers: [16384, option.optional | option.create], strings: ["/home/u", "/home/u"] },
  { code: op.entry, strings: ["/run/entry", encodeOperations([{ code: op.search, strings: ["/usr/bin"] }])] },
  { code: op.unset, strings: [] },
];
