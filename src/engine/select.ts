import { QpodError } from "../base/errors.ts";
import type { EngineName, Environment, Root } from "../config/environment.ts";
import type { Assessment, Engine } from "./engine.ts";

/** The engine that serves an environment here, and why this one; shown by explain and doctor. */
export interface Choice {
  engine: Engine;
  why: string;
  rejected: { name: EngineName; reason: string; remedy?: string }[];
}

/** Which engine is asked first, by the kind of root. */
const preference: Record<Root["kind"], { order: EngineName[]; why: string }> = {
  rootfs: { order: ["embedded", "podman"], why: "a folder needs no image store" },
  bootstrap: { order: ["embedded", "podman"], why: "a bootstrapped root needs no image store" },
  host: { order: ["embedded", "podman"], why: "only namespaces are needed over the host's own root" },
  archive: { order: ["embedded", "podman", "docker"], why: "an archive is unpacked once and then starts in milliseconds" },
  image: { order: ["podman", "docker", "embedded"], why: "it keeps images and logins that you may have already" },
  containerfile: { order: ["podman", "docker", "embedded"], why: "it builds images" },
};

/**
 * Chooses by the definition's own word, else by the kind of its root; an engine that is not able here is passed over.
 * @throws QpodError when none is able, or the one that the definition names is not.
 */
export async function chooseEngine(environment: Environment, engines: readonly Engine[]): Promise<Choice> {
  if (environment.engine) return chooseNamed(environment, environment.engine, engines);
  const { order, why } = preference[environment.root.kind];
  const rejected: Choice["rejected"] = [];
  for (const name of order) {
    const engine = engines.find((one) => one.name === name);
    if (!engine) continue;
    const assessment = await engine.assess(environment);
    if (assessment.able) return { engine, why: explain(rejected, why, assessment), rejected };
    rejected.push({ name, reason: assessment.reason, ...remedyOf(assessment) });
  }
  throw new QpodError({
    fact: `no engine here can serve environment ${environment.name}: ${rejected.map(sayRejected).join("; ")}`,
    place: environment.place,
    remedy: rejected.find((one) => one.remedy)?.remedy,
  });
}

async function chooseNamed(environment: Environment, name: EngineName, engines: readonly Engine[]): Promise<Choice> {
  const engine = engines.find((one) => one.name === name);
  const assessment = await engine?.assess(environment);
  if (engine && assessment?.able) return { engine, why: `the environment says "engine: ${name}"`, rejected: [] };
  throw new QpodError({
    fact: `environment ${environment.name} asks for ${name}, which cannot serve it: ${assessment?.reason ?? "unknown engine"}`,
    place: environment.place,
    remedy: assessment?.remedy ?? `Remove the line "engine: ${name}" to let qpod choose.`,
  });
}

function explain(rejected: Choice["rejected"], why: string, assessment: Assessment): string {
  if (rejected.length === 0) return `${why}; ${assessment.reason}`;
  return `${rejected.map(sayRejected).join("; ")}; ${assessment.reason}`;
}

function sayRejected({ name, reason }: Choice["rejected"][number]): string {
  return `${name}: ${reason}`;
}

function remedyOf({ remedy }: Assessment): { remedy?: string } {
  return remedy === undefined ? {} : { remedy };
}
