import { isUtf8 } from "node:buffer";
import type { Document, LineCounter, Node, YAMLError, YAMLMap } from "yaml";
import { QpodError } from "../base/errors.ts";
import { visible } from "../base/text.ts";
import type { Mistake } from "./config-error.ts";

export type Path = readonly (string | number)[];

/** A YAML file as plain data, every scalar its source text, and where in the file each part stands. */
export interface YamlFile {
  file: string;
  /** Maps, lists, strings, and null where a value was left out. */
  data: unknown;
  /** Mistakes in the YAML itself. */
  mistakes: Mistake[];
  /** Where a value stands; its nearest parent's place if it is not there. `key: true` gives that of its key. */
  locate(path: Path, key?: boolean): Mistake["place"];
}

const MAX_ALIASES = 100;
const MAX_DEPTH = 50;
/** One slip in the syntax may be followed by thousands that come of it. */
const MAX_MISTAKES = 20;

/**
 * Parses a file's bytes. With the "failsafe" schema all scalars stay text: `release: 1.10` must not become 1.1,
 * nor `country: no` false.
 */
export async function parseYaml(bytes: Uint8Array, file: string): Promise<YamlFile> {
  if (!isUtf8(bytes)) throw new QpodError({ fact: "the file is not UTF-8 text", place: { file }, remedy: "Save it as UTF-8." });
  const text = Buffer.from(bytes).toString("utf8");
  refuseDepth(text, file);
  const yaml = await import("yaml");
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { schema: "failsafe", lineCounter: lines, prettyErrors: false });
  const mistakes = [...document.errors, ...document.warnings]
    .slice(0, MAX_MISTAKES)
    .map((error) => describeError(error, text, file, lines));
  yaml.visit(document, {
    Alias(_, node) {
      if (!node.resolve(document)) mistakes.push(describeAlias(node.source, file, lines.linePos(node.range?.[0] ?? 0)));
    },
    Scalar(key, node) {
      if (key !== "key" && node.type === "PLAIN" && node.source === "") (node as { value: unknown }).value = null;
    },
  });
  return { file, data: toData(document, file, mistakes), mistakes, locate: makeLocator(yaml, document, file, lines) };
}

/** The parser recurses, and where the stack ends Node itself may abort; no honest file is nested so deeply. */
function refuseDepth(text: string, file: string): void {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === "[" || character === "{") deepest = Math.max(deepest, ++depth);
    if (character === "]" || character === "}") depth = Math.max(0, depth - 1);
  }
  const block = new RegExp(`^(?: {${MAX_DEPTH * 4},}|[ \\t]*(?:[-?:][ \\t]+){${MAX_DEPTH},})`, "m");
  if (deepest > MAX_DEPTH || block.test(text)) throw new QpodError({ fact: "the file is nested too deeply", place: { file } });
}

function toData(document: Document, file: string, mistakes: Mistake[]): unknown {
  if (mistakes.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const fact =
      error instanceof ReferenceError ? "aliases repeat too much of the file" : `the YAML cannot be used: ${(error as Error).message}`;
    mistakes.push({ fact, place: { file, line: 1, column: 1 }, remedy: "Write the parts out instead of using `*`." });
    return undefined;
  }
}

function describeError(error: YAMLError, text: string, file: string, lines: LineCounter): Mistake {
  const { line, col } = lines.linePos(error.pos[0]);
  const place = { file, line, column: col };
  const source = visible(
    text
      .slice(error.pos[0], error.pos[0] + 40)
      .split(/[\n:]/, 1)[0]
      ?.trim() ?? "",
  );
  switch (error.code) {
    case "TAB_AS_INDENT":
      return { fact: "a tab is used for indentation, which YAML forbids", place, remedy: "Use spaces." };
    case "DUPLICATE_KEY":
      return { fact: `"${source}" is given twice`, place, remedy: "Keep one of them." };
    case "MULTIPLE_DOCS":
      return { fact: "the file holds several YAML documents", place, remedy: 'Keep one, and no other line "---".' };
    case "TAG_RESOLVE_FAILED":
      return { fact: `the tag "${source}" has no meaning here`, place, remedy: "Remove it, or put the value in quotes." };
    case "BAD_SCALAR_START":
      return { fact: `this is not valid YAML: ${lower(error.message)}`, place, remedy: "Put the value in quotes." };
    default:
      return { fact: `this is not valid YAML: ${lower(error.message)}`, place };
  }
}

/** Nearly always a glob that begins with a star. */
function describeAlias(source: string, file: string, { line, col }: { line: number; col: number }): Mistake {
  const fact = `*${visible(source)} stands without quotes, where * means something else to YAML`;
  return { fact, place: { file, line, column: col }, remedy: `Write "*${visible(source)}".` };
}

function lower(message: string): string {
  return visible(message.charAt(0).toLowerCase() + message.slice(1));
}

function makeLocator(yaml: typeof import("yaml"), document: Document, file: string, lines: LineCounter): YamlFile["locate"] {
  return (path, key = false) => {
    let node = document.contents as Node | null;
    let offset = node?.range?.[0] ?? 0;
    for (const [depth, part] of path.entries()) {
      if (yaml.isAlias(node)) break;
      const pair = yaml.isMap(node) ? findPair(yaml, node, String(part)) : undefined;
      const value = yaml.isSeq(node) ? (node.items[Number(part)] as Node | undefined) : (pair?.value as Node | null | undefined);
      const keyNode = pair?.key as Node | undefined;
      const isEmpty = yaml.isScalar(value) && value.value === null;
      const shown = pair && ((key && depth === path.length - 1) || isEmpty || !value) ? keyNode : value;
      if (!shown?.range) break;
      offset = shown.range[0];
      node = value ?? null;
    }
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
}

function findPair(yaml: typeof import("yaml"), map: YAMLMap, key: string) {
  return map.items.find((item) => (yaml.isScalar(item.key) ? String(item.key.value) : String(item.key)) === key);
}
