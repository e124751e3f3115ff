import type { z } from "zod";
import { didYouMean, listChoices, visible } from "../base/text.ts";
import type { Mistake } from "./config-error.ts";
import type { Path, YamlFile } from "./yaml-file.ts";

type Issue = z.core.$ZodIssue;
type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What the schema library found, as mistakes in the user's words and at their places. */
export function describeIssues(issues: readonly Issue[], yaml: YamlFile, schema: () => JsonSchema): Mistake[] {
  return issues.flatMap((issue) => describe(issue, [], yaml, schema));
}

function describe(issue: Issue, parent: Path, yaml: YamlFile, schema: () => JsonSchema): Mistake[] {
  const path = [...parent, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  const value = valueAt(yaml.data, path);
  const mistake = (fact: string, remedy?: string, key = false): Mistake[] => [{ fact, place: yaml.locate(path, key), remedy }];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ ...describeUnknownKey(key, path, schema()), place: yaml.locate([...path, key], true) }));
    case "invalid_key": {
      const { message, params } = issue.issues[0] as { message: string; params?: { remedy?: string } };
      return mistake(message, params?.remedy, true);
    }
    case "invalid_union":
      return describeUnion(issue.errors, path, value, yaml, schema, mistake);
    case "invalid_value": {
      if (typeof value !== "string")
        return mistake(`${nameOf(path)} must be ${listChoices(issue.values.map(String))}, not ${kindOf(value)}`);
      const choices = issue.values.map(String);
      return mistake(`${nameOf(path)} cannot be "${visible(value)}"`, didYouMean(value, choices) ?? `It is ${listChoices(choices)}.`);
    }
    case "invalid_type":
      if (value === undefined) return mistake(`${nameOf(path)} is missing`);
      return mistake(
        `${nameOf(path)} ${value === null ? "has no value" : `must be ${kindNames[issue.expected] ?? issue.expected}, not ${kindOf(value)}`}`,
        hintFor(issue.expected, value),
      );
    default:
      return mistake(issue.message, (issue as { params?: { remedy?: string } }).params?.remedy);
  }
}

/** Of several shapes, the one that the value has is the one that was meant; only what is wrong within it is said. */
function describeUnion(
  branches: readonly (readonly Issue[])[],
  path: Path,
  value: unknown,
  yaml: YamlFile,
  schema: () => JsonSchema,
  mistake: (fact: string) => Mistake[],
): Mistake[] {
  const isElsewhere = (issue: Issue) =>
    issue.path.length === 0 && (issue.code === "invalid_type" || (issue.code === "invalid_value" && typeof value !== "string"));
  const meant = branches.find((branch) => !branch.some(isElsewhere));
  if (meant) return meant.flatMap((issue) => describe(issue, path, yaml, schema));
  const kinds = branches.flatMap((branch) =>
    branch.map((issue) =>
      issue.code === "invalid_value"
        ? listChoices(issue.values.map(String))
        : issue.code === "invalid_type"
          ? (kindNames[issue.expected] ?? "")
          : "",
    ),
  );
  const has = value === null || value === undefined ? "has no value; it must be" : "must be";
  const not = value === null || value === undefined ? "" : `, not ${kindOf(value)}`;
  return mistake(`${nameOf(path)} ${has} ${listChoices([...new Set(kinds.filter(Boolean))])}${not}`);
}

const kindNames: Record<string, string> = { string: "text", array: "a list", object: "a map", record: "a map", null: "" };

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null || value === undefined) return "nothing";
  return typeof value === "object" ? "a map" : "text";
}

function hintFor(expected: string, value: unknown): string | undefined {
  if (expected === "array" && typeof value === "string") return `Write [${visible(value).slice(0, 60)}].`;
  if (expected === "string" && typeof value === "object" && value !== null) return "If this is meant as text, put it in quotes.";
  return undefined;
}

/** `"packages"`, or for an entry of a list `an entry of "packages"`. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return "the file";
  if (typeof last === "string") return `"${visible(last)}"`;
  return `an entry of "${visible(String(path.findLast((part) => typeof part === "string") ?? "the list"))}"`;
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce((value, part) => (value as Record<string | number, unknown> | null | undefined)?.[part], data);
}

/** Words of other tools for what we call otherwise. */
const synonyms: Record<string, string> = {
  env: "variables: {set: ...}",
  environment: "variables: {set: ...}",
  volumes: "mounts",
  binds: "mounts",
  dockerfile: "containerfile",
  from: "image",
  docker: "image",
  tools: "commands",
  programs: "commands",
  workdir: "path",
};

function describeUnknownKey(key: string, path: Path, schema: JsonSchema): { fact: string; remedy?: string | undefined } {
  const known = keysAt(schema, path);
  const fact = `"${visible(key)}" is not known ${path.length === 0 ? "here" : `in ${nameOf(path)}`}`;
  const near = didYouMean(key, known);
  if (near) return { fact, remedy: near };
  const parent = known.find((name) => keysAt(schema, [...path, name]).includes(key));
  if (parent) return { fact, remedy: `It belongs under "${parent}:".` };
  const synonym = Object.hasOwn(synonyms, key.toLowerCase()) ? synonyms[key.toLowerCase()] : undefined;
  if (synonym && known.includes(synonym.split(":")[0] ?? "")) return { fact, remedy: `qpod calls it "${synonym}".` };
  return { fact, remedy: known.length > 0 ? `Known are ${known.join(", ")}.` : undefined };
}

/** The keys that a map at this path may have. */
function keysAt(schema: JsonSchema, path: Path): string[] {
  const [part, ...rest] = path;
  const variants = [schema, ...(schema.anyOf ?? [])] as JsonSchema[];
  if (part === undefined) return [...new Set(variants.flatMap((variant) => Object.keys(variant.properties ?? {})))];
  return variants.flatMap((variant) => {
    const next = typeof part === "number" ? variant.items : (variant.properties?.[part] ?? variant.additionalProperties);
    return typeof next === "object" && !Array.isArray(next) ? keysAt(next as JsonSchema, rest) : [];
  });
}
