/** The policy in memory: what `encode.ts` writes and the native readers answer from. */
export interface Policy {
  /** argv of the qpod command: Node's path, then main.js. */
  program: string[];
  /** qpod's own folder, whose programs always run on the host. */
  home: string;
  /** Files that it was made from, besides those in work trees: when one is changed, it is made again. */
  sources?: string[];
  trees: PolicyTree[];
  environments: PolicyEnvironment[];
}

export interface PolicyTree {
  /** Physical path, as bytes: a path need not be valid UTF-8. */
  root: Buffer;
  gitDir: Buffer;
  rules: PolicyRule[];
}

/** POLICY_RULE_* of native/format/policy.h. */
export const ruleFlag = { committed: 1, vacant: 2 } as const;

export interface PolicyRule {
  /** Branch glob; empty matches everything. */
  branch: string;
  /** Name of an environment in `environments`. */
  environment: string;
  /** Pod id: names the entry and start files. */
  pod: string;
  /** 64-bit hash of all that an entry is made from. */
  definition: bigint;
  /** POLICY_RULE_* of policy.h. */
  flags?: number;
}

export interface PolicyEnvironment {
  name: string;
  commands: string[];
  commandGlobs: string[];
  hostNames: string[];
  hostPaths: string[];
}
