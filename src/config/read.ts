import { dirname } from "node:path";
import type { z } from "zod";
import { QpodError } from "../base/errors.ts";
import { homeFolder } from "../base/paths.ts";
import { readSmallFile } from "../repo/small-file.ts";
import { type Mistake, refuseMistakes } from "./config-error.ts";
import { convertEnvironment, rootKeys, usedRoots } from "./convert.ts";
import type { Environment } from "./environment.ts";
import { describeIssues } from "./issues.ts";
import { makeShapes } from "./schema.ts";
import { type Path, parseYaml, type YamlFile } from "./yaml-file.ts";

/** Reads an environment's file. All its mistakes are reported at once. */
export async function readEnvironmentFile(file: string, name: string, home = homeFolder()): Promise<Environment> {
  const bytes = readSmallFile(file);
  if (bytes === undefined) throw new QpodError({ fact: "there is no such file", place: { file } });
  return parseEnvironment(bytes, file, name, home);
}

/** The same for its content; `file` is what relative paths are resolved against, and need not exist. */
export async function parseEnvironment(
  content: string | Uint8Array,
  file: string,
  name: string,
  home = homeFolder(),
): Promise<Environment> {
  const yaml = await parseYaml(Buffer.from(content), file);
  const { environment } = await makeShapes();
  const data = await checkShape(environment, yaml, (data) => findRootMistakes(data, [], yaml));
  return convertEnvironment(data, name, { file }, { folder: dirname(file), home });
}

/** Checks a file's data against a shape, and whatever else is asked; throws with all mistakes. */
export async function checkShape<T extends z.ZodType>(
  shape: T,
  yaml: YamlFile,
  findMore: (data: Record<string, unknown>) => Mistake[],
): Promise<z.infer<T>> {
  refuseMistakes(yaml.mistakes);
  if (yaml.data === null || yaml.data === undefined) {
    refuseMistakes([
      { fact: "the file is empty", place: { file: yaml.file, line: 1, column: 1 }, remedy: "docs/environments.md says what belongs here." },
    ]);
  }
  const { z } = await makeShapes();
  const result = shape.safeParse(yaml.data);
  const issues = result.success ? [] : describeIssues(result.error.issues, yaml, () => z.toJSONSchema(shape, { io: "input" }));
  const isMap = typeof yaml.data === "object" && yaml.data !== null && !Array.isArray(yaml.data);
  refuseMistakes([...issues, ...(isMap ? findMore(yaml.data as Record<string, unknown>) : [])]);
  return result.data as z.infer<T>;
}

/** An environment has exactly one root. */
export function findRootMistakes(data: Record<string, unknown>, path: Path, yaml: YamlFile): Mistake[] {
  const [first, ...others] = usedRoots(data);
  if (first === undefined) {
    const fact = "the environment has no root filesystem";
    return [{ fact, place: yaml.locate(path), remedy: `Give one of ${rootKeys.slice(0, -1).join(", ")}, or \`host: true\`.` }];
  }
  return others.map((key) => ({
    fact: `"${key}" is a second root filesystem: "${first}" is one already`,
    place: yaml.locate([...path, key], true),
    remedy: "Keep one of them.",
  }));
}
