import { statSync } from "node:fs";
import { resolve } from "node:path";
import { QpodError, status } from "../base/errors.ts";
import { listChoices } from "../base/text.ts";
import { engineNames, type Root } from "../config/environment.ts";
import { findDistribution } from "../config/releases.ts";
import { addEnvironment } from "../config/write.ts";
import type { Input } from "./command.ts";

/** Writes a new environment's file, readable and commented, and checks it. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const name = args[0] ?? "";
  const root = chooseRoot(options);
  const engine = engineNames.find((one) => one === options.engine);
  if (options.engine !== undefined && !engine)
    throw new QpodError({
      fact: `there is no engine "${options.engine}"`,
      remedy: `It is ${listChoices(engineNames)}.`,
      status: status.usage,
    });
  const file = await addEnvironment(name, { root, engine }, paths);
  output.line(`wrote ${file}`);
  output.line(`bind a repository with \`qpod init ${name}\``);
  return 0;
}

/** Exactly one of the options that name a root. */
function chooseRoot(options: Input["options"]): Root {
  const text = (name: string) => (typeof options[name] === "string" ? (options[name] as string) : undefined);
  const packages = Array.isArray(options.package) ? options.package : [];
  const makers: Record<string, (value: string) => Root> = {
    image: (reference) => ({ kind: "image", reference }),
    archive: (file) => ({ kind: "archive", file: requireThere(file) }),
    rootfs: (folder) => ({ kind: "rootfs", folder: requireThere(folder) }),
    bootstrap: (release) => ({ kind: "bootstrap", distribution: findDistribution(release) ?? "debian", release, packages, components: [] }),
    containerfile: (file) => ({ kind: "containerfile", file: requireThere(file), context: resolve(file, "..") }),
  };
  const given: Root[] = Object.entries(makers).flatMap(([key, make]) => (text(key) === undefined ? [] : [make(text(key) ?? "")]));
  if (options.host) given.push({ kind: "host" });
  const [root, ...others] = given;
  const names = "--image, --archive, --rootfs, --bootstrap, --containerfile or --host";
  if (!root) throw new QpodError({ fact: "an environment needs a root filesystem", remedy: `Give one of ${names}.`, status: status.usage });
  if (others.length > 0)
    throw new QpodError({
      fact: "an environment has exactly one root filesystem",
      remedy: `Give only one of ${names}.`,
      status: status.usage,
    });
  if (packages.length > 0 && root.kind !== "bootstrap")
    throw new QpodError({ fact: "--package goes with --bootstrap", status: status.usage });
  return root;
}

/** A slip of the finger is found out now, not at the first `make`. */
function requireThere(given: string): string {
  const path = resolve(given);
  if (statSync(path, { throwIfNoEntry: false })) return path;
  throw new QpodError({
    fact: `there is no ${path}`,
    remedy: "Paths are taken from the folder you are in. For one that is yet to come, write the environment's file yourself.",
  });
}
