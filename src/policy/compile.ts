import type { Policy, PolicyEnvironment, PolicyTree } from "./policy.ts";

/** A bound work tree, with everything decided that the policy says of it. */
export interface BoundTree {
  root: Buffer;
  gitDir: Buffer;
  rules: { branch: string; pod: string; definition: bigint; flags?: number; environment: PolicyEnvironment }[];
}

/** Brings bound work trees into the form of the policy file: environments that mean the same are kept once. */
export function compilePolicy(trees: readonly BoundTree[], program: string[], home: string): Policy {
  const environments = new Map<string, PolicyEnvironment>();
  const nameOf = (environment: PolicyEnvironment): string => {
    const known = environments.get(environment.name);
    if (!known || JSON.stringify(known) === JSON.stringify(environment)) {
      environments.set(environment.name, environment);
      return environment.name;
    }
    // Two repositories may each define an environment of this name in their own `.qpod.yaml`.
    let i = 2;
    while (environments.has(`${environment.name}#${i}`)) i++;
    const name = `${environment.name}#${i}`;
    environments.set(name, { ...environment, name });
    return name;
  };
  const compiled: PolicyTree[] = trees.map(({ root, gitDir, rules }) => ({
    root,
    gitDir,
    rules: rules.map(({ branch, pod, definition, flags = 0, environment }) => ({
      branch,
      pod,
      definition,
      flags,
      environment: nameOf(environment),
    })),
  }));
  return { program, home, trees: compiled, environments: [...environments.values()] };
}
