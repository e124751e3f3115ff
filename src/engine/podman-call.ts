import { ContainerTool } from "./container-call.ts";
import type { PodmanFacts } from "./podman-facts.ts";

/** podman as it is to be called on this host. */
export class Podman extends ContainerTool {
  readonly facts: PodmanFacts;

  constructor(facts: PodmanFacts, env: Record<string, string | undefined> = process.env) {
    super("podman", [facts.program, ...facts.options], env);
    this.facts = facts;
  }
}
