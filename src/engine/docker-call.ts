import { ContainerTool } from "./container-call.ts";
import type { DockerFacts } from "./docker-facts.ts";

/** docker as it is to be called on this host. */
export class Docker extends ContainerTool {
  readonly facts: DockerFacts;

  constructor(facts: DockerFacts, env: Record<string, string | undefined> = process.env) {
    super("docker", [facts.program], env);
    this.facts = facts;
  }
}

/** Did it fail because there is no such container? docker has no option to ignore that. */
export function isMissing({ status, stderr }: { status: number; stderr: string }): boolean {
  return status !== 0 && /no such container/i.test(stderr);
}
