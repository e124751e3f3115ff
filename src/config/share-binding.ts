import type { Document } from "yaml";
import { replaceFile } from "../base/files.ts";
import { homeFolder } from "../base/paths.ts";
import type { Binding } from "../repo/binding.ts";
import { judgeRepositoryFile, notAllowed, parseRepositoryFile, repositoryFilePath } from "./repository-file.ts";
import { hashContent, setTrust } from "./trust.ts";

const HEADER = " The environment of qpod that this code base is built in. It counts once you have said `qpod allow`.";

/** Writes a binding to the work tree's `.qpod.yaml`, to be committed, and allows the file for this user, who wrote it. */
export async function shareBinding(root: string, state: string, binding: Binding, home = homeFolder()): Promise<string> {
  const path = repositoryFilePath(root);
  const before = judgeRepositoryFile(root, state);
  // Else we would vouch for the rest of it in the user's name.
  if (before && before.trust !== "allowed") throw notAllowed(before);
  const text = await addToFile(before?.content.toString("utf8"), binding);
  await parseRepositoryFile(text, path, home);
  replaceFile(path, text, 0o644);
  await setTrust(state, path, hashContent(Buffer.from(text)), "allowed");
  return path;
}

/** The file's text with the binding added or replaced; comments stay. */
async function addToFile(text: string | undefined, { branch, environment }: Binding): Promise<string> {
  const yaml = await import("yaml");
  const document: Document = yaml.parseDocument(text ?? "");
  if (text === undefined) document.commentBefore = HEADER;
  if (!document.contents) document.contents = document.createNode({});
  if (branch === "") {
    document.set("environment", environment);
    return document.toString({ lineWidth: 0 });
  }
  const list = document.get("bindings");
  const bindings = yaml.isSeq(list) ? list : undefined;
  const same = bindings?.items.find((item) => yaml.isMap(item) && String(item.get("branch")) === branch);
  if (yaml.isMap(same)) same.set("environment", environment);
  else if (bindings) bindings.add(document.createNode({ branch, environment }));
  else document.set("bindings", document.createNode([{ branch, environment }]));
  return document.toString({ lineWidth: 0 });
}
