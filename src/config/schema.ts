import type { z } from "zod";
import { didYouMean } from "../base/text.ts";
import { isEnvironmentName } from "../repo/binding.ts";
import {
  checkCommand,
  checkCount,
  checkHost,
  checkInside,
  checkMirror,
  checkPass,
  checkPath,
  checkText,
  checkValue,
  checkVariable,
  checkWord,
  type Fault,
} from "./checks.ts";
import { engineNames, limitNames, shares } from "./environment.ts";
import { checkMount } from "./mount-text.ts";
import { findDistribution, listReleases } from "./releases.ts";

/**
 * The shape of the files as the YAML reader gives them: every scalar is text, and null where a value was left out.
 * The JSON Schemas for editors are made from it, where a scalar may look like a number or a truth value.
 */
export function makeShapes(): Promise<Shapes> {
  shapes ??= buildShapes();
  return shapes;
}

let shapes: Promise<Shapes> | undefined;

async function buildShapes() {
  const z = await import("../base/zod.ts");
  const check = (find: (value: string) => Fault) =>
    z.string().superRefine((value, context) => {
      const fault = find(value);
      if (fault) context.addIssue({ code: "custom", message: fault.fact, params: { remedy: fault.remedy } });
    });
  // TypeScript makes no use of what `meta` says; the JSON Schema does, and its `enum` must go where YAML has booleans.
  const flag = z.enum(["true", "false"]).meta({ type: "boolean", enum: undefined });
  const scalar = { type: ["string", "number", "boolean"] as const };
  const list = <T extends z.ZodType>(item: T) => z.array(item).nullable().optional();
  const text = (description: string, find = checkText) => check(find).describe(description);

  const bootstrap = z
    .strictObject({
      distribution: text("debian, ubuntu, or another that mmdebstrap or debootstrap knows", checkWord).optional(),
      release: text("The release's code name: bullseye", checkWord),
      packages: list(check(checkWord)).describe("Packages besides the release's base system: gcc, make"),
      components: list(check(checkWord)).describe("Parts of the archive: main, contrib"),
      mirror: text("Where packages come from, if not from the mirror that this machine uses", checkMirror).optional(),
      archive: text("Asked when no mirror has the release any more, instead of the distribution's own archive", checkMirror).optional(),
      keyring: text("The file with the keys that sign the release, if not the distribution's package has them", checkPath).optional(),
      trusted: flag.describe("true: take the release though its signature is missing or can no longer be checked").optional(),
    })
    .superRefine(({ distribution, release, keyring, trusted }, context) => {
      const add = (fault: Fault, key: string) =>
        fault && context.addIssue({ code: "custom", message: fault.fact, params: { remedy: fault.remedy }, path: [key] });
      add(distribution ? undefined : checkRelease(release), "release");
      if (keyring && trusted === "true") add(uselessKeyring, "keyring");
    });
  const mount = z.strictObject({
    source: text("A file or folder of the host", checkPath),
    target: text("Where it appears in the environment; the same path if left out", checkInside).optional(),
    "read-only": flag.optional(),
  });
  const containerfile = z.strictObject({
    file: text("The Containerfile (or Dockerfile)", checkPath),
    context: text("The folder that its COPY instructions see; the file's own if left out", checkPath).optional(),
  });

  const environment = z.strictObject({
    description: check(checkText).describe("A line for `qpod env list`").meta(scalar).optional(),
    image: text("Root: an image in a registry, registry.example.com/mmsx:2018.3", checkWord).optional(),
    archive: text("Root: an OCI or docker archive, or a tarball of a root filesystem", checkPath).optional(),
    rootfs: text("Root: a folder that holds a root filesystem; / is the host's own, like `host: true`", checkPath).optional(),
    bootstrap: z
      .union([check(checkRelease), bootstrap])
      .describe("Root: a distribution's release and packages")
      .optional(),
    containerfile: z
      .union([check(checkPath), containerfile])
      .describe("Root: built from a Containerfile")
      .optional(),
    host: z
      .union([flag, z.array(check(checkHost)), z.null()])
      .describe(
        "true: the host's own root, copy-on-write. A list: commands, and paths in the repository (with a slash), that stay on the host",
      )
      .optional(),
    engine: z.enum(engineNames).describe("Chosen by itself if left out").optional(),
    commands: list(check(checkCommand).meta(scalar)).describe(
      "Commands that run here besides the default ones: names, or globs such as *-elf-gcc",
    ),
    "default-commands": flag.describe("false: make, gcc, gdb and the like do not run here unless `commands` has them").optional(),
    variables: z
      .strictObject({
        set: z
          .record(
            check(checkVariable),
            check(checkValue)
              .nullable()
              .meta({ type: [...scalar.type, "null"] }),
          )
          .nullable()
          .optional()
          .describe("Variables with fixed values"),
        pass: list(check(checkPass)).describe("Variables that pass from the caller; MMSX_* means all that begin so"),
      })
      .nullable()
      .optional(),
    mounts: list(z.union([check(checkMount), mount])).describe("SOURCE, SOURCE:TARGET or SOURCE:TARGET:ro, or a map"),
    share: list(z.enum(shares)).describe("Ready bundles of the user's own things"),
    limits: z
      .strictObject(
        Object.fromEntries(limitNames.map((name) => [name, check(checkCount).meta({ type: "integer", minimum: 0 }).optional()])),
      )
      .nullable()
      .optional()
      .describe("Resource limits of commands, up to the caller's own: open-files, processes; stack, core, memory in bytes"),
    path: text("A fixed path such as /qpod under which the repository is visible too; commands run there", checkInside).optional(),
  });

  const name = check(checkEnvironmentName).meta(scalar);
  const repository = z.strictObject({
    environment: name.describe("The environment of every branch that no binding matches").optional(),
    bindings: list(
      z.strictObject({
        branch: check(checkText).describe("A branch or a pattern: release/2018.*").meta(scalar).optional(),
        environment: name.describe("The environment of those branches"),
      }),
    ).describe("Environments by branch; the first that matches is taken"),
    environments: z.record(name, environment).nullable().optional().describe("Definitions that only this repository uses"),
  });
  const catalogs = z.strictObject({
    catalogs: list(check(checkPath)).describe("Folders with environments, such as a team's git checkout"),
  });
  return { environment, repository, catalogs, z };
}

const uselessKeyring: Fault = {
  fact: "a keyring is of no use to a release that is trusted without a check",
  remedy: "Keep one of `keyring:` and `trusted:`.",
};

type Shapes = Awaited<ReturnType<typeof buildShapes>>;
export type EnvironmentData = z.infer<Shapes["environment"]>;

function checkRelease(release: string): Fault {
  const fault = checkWord(release);
  if (fault || findDistribution(release)) return fault;
  const known = didYouMean(release, listReleases());
  return {
    fact: `"${release}" is not a release whose distribution is known`,
    remedy: known ?? "Name it: `bootstrap: {distribution: debian, release: ...}`.",
  };
}

export function checkEnvironmentName(name: string): Fault {
  if (isEnvironmentName(name)) return undefined;
  return {
    fact: "this is not an environment's name",
    remedy: "Names have letters, digits, dots, _ and -, and begin with a letter or digit.",
  };
}
