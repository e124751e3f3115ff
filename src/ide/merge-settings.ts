import { isObject } from "../image/image-config.ts";

export interface Merged {
  text: string;
  /** Settings that are the user's own and differ, and so were left as they are. */
  kept: string[];
}

/** A setting by the keys that lead to it; a last part that is a number appends to a list. */
export interface Setting {
  at: (string | number)[];
  value: unknown;
}

/**
 * Adds settings to a file of VS Code's, whose comments stay. What is there already is never changed.
 * @returns undefined when the text is not such a file.
 */
export async function mergeSettings(text: string, settings: readonly Setting[]): Promise<Merged | undefined> {
  const { applyEdits, findNodeAtLocation, getNodeValue, modify, parseTree } = await import("jsonc-parser");
  const formattingOptions = { insertSpaces: !/^\t/m.test(text), tabSize: 2 };
  const kept: string[] = [];
  let result = text.trim() === "" ? "{\n}\n" : text;
  for (const { at, value } of settings) {
    const mistakes: { error: number }[] = [];
    const tree = parseTree(result, mistakes as never, { allowTrailingComma: true });
    if (!tree || mistakes.length > 0 || tree.type !== "object") return undefined;
    const path = [...at];
    if (typeof path.at(-1) === "number") {
      const list = findNodeAtLocation(tree, path.slice(0, -1));
      if (list && list.type !== "array") return undefined;
      const named = (list?.children ?? []).map((node) => getNodeValue(node) as unknown).find((one) => sameName(one, value));
      if (named !== undefined) {
        if (JSON.stringify(named) !== JSON.stringify(value)) kept.push(nameOf(value) ?? path.join("."));
        continue;
      }
      path[path.length - 1] = list?.children?.length ?? 0;
    } else {
      const there = findNodeAtLocation(tree, path);
      if (there) {
        if (JSON.stringify(getNodeValue(there)) !== JSON.stringify(value)) kept.push(path.join(" / "));
        continue;
      }
      if (path.slice(0, -1).some((_, i) => !isUsable(findNodeAtLocation(tree, path.slice(0, i + 1))))) return undefined;
    }
    result = applyEdits(result, modify(result, path, value, { formattingOptions }));
  }
  return { text: result, kept };
}

const isUsable = (node: { type: string } | undefined) => node === undefined || node.type === "object";

/** Tasks, configurations and inputs are told apart by these. */
function nameOf(value: unknown): string | undefined {
  const name = isObject(value) ? (value.name ?? value.id) : undefined;
  return typeof name === "string" ? name : undefined;
}

function sameName(a: unknown, b: unknown): boolean {
  return nameOf(a) !== undefined && nameOf(a) === nameOf(b);
}
