import { QpodError } from "../base/errors.ts";
import type { TarEntry } from "./tar-read.ts";

/**
 * What a tree will be when all layers are applied, found from their headers alone.
 *
 * Every name is resolved here, as a chroot into the tree would, so that what is unpacked afterwards has only names
 * that go through plain folders: a hostile archive cannot reach out of the tree by a symlink or by `..`. What a
 * later layer removes or replaces is never written at all.
 */
export class LayerPlan {
  readonly #root: Folder = { kind: "folder", layer: 0, entry: undefined, children: new Map() };
  readonly #whiteouts: boolean;
  readonly #place: string;

  /** @param whiteouts false for a root tarball, where `.wh.x` is only a name. */
  constructor(place: string, whiteouts: boolean) {
    this.#place = place;
    this.#whiteouts = whiteouts;
  }

  /** Takes in the entry that is the index-th of its layer; layers come in order. */
  add(entry: TarEntry, layer: number, index: number): void {
    const parts = entry.path.split("/").filter((part) => part !== "" && part !== ".");
    const name = parts.pop();
    if (name === undefined) {
      if (entry.type === "5") Object.assign(this.#root, { layer, entry });
      return;
    }
    if (this.#whiteouts && name.startsWith(".wh.")) this.#whiteOut(parts, name, layer);
    else if (name !== "..") this.#put(this.#enter(parts, layer), name, entry, { layer, index });
  }

  /** What is to be unpacked. */
  finish(): Unpacking {
    const folders: { path: string; entry: TarEntry | undefined }[] = [{ path: ".", entry: this.#root.entry }];
    const files = new Map<string, string[]>();
    const visit = (folder: Folder, prefix: string) => {
      for (const [name, node] of folder.children) {
        const path = `${prefix}/${name}`;
        if (node.kind === "folder") {
          folders.push({ path, entry: node.entry });
          visit(node, path);
        } else {
          const key = sourceKey(node.inode);
          files.set(key, [...(files.get(key) ?? []), path]);
        }
      }
    };
    visit(this.#root, ".");
    return { folders, pathsOf: (layer, index) => files.get(sourceKey({ layer, index })) ?? [], files: files.size };
  }

  #put(parent: Folder, name: string, entry: TarEntry, source: Source): void {
    const { layer } = source;
    const old = parent.children.get(name);
    switch (entry.type) {
      case "5":
        if (old?.kind === "folder") Object.assign(old, { layer, entry });
        else parent.children.set(name, { kind: "folder", layer, entry, children: new Map() });
        return;
      case "1": {
        const inode = this.#findInode(entry);
        parent.children.set(name, { kind: "file", layer, inode, target: inode.target });
        return;
      }
      case "0":
      case "7":
      case "S":
      case "6":
        parent.children.set(name, { kind: "file", layer, inode: { ...source, target: undefined }, target: undefined });
        return;
      case "2":
        parent.children.set(name, { kind: "file", layer, inode: { ...source, target: entry.linkPath }, target: entry.linkPath });
        return;
      // Device nodes: a pod has the host's /dev, and in a user namespace none can be made.
      case "3":
      case "4":
        parent.children.delete(name);
    }
  }

  #findInode(entry: TarEntry): Inode {
    const parts = entry.linkPath.split("/").filter((part) => part !== "" && part !== ".");
    const name = parts.pop() ?? "";
    const node = this.#look(parts)?.children.get(name);
    if (node?.kind === "file") return node.inode;
    throw new QpodError({
      fact: `the archive is damaged: ${shown(entry.path)} is a hard link to ${shown(entry.linkPath)}, which is not in it`,
      place: { file: this.#place },
    });
  }

  /** A whiteout hides what lower layers have, not what its own layer adds. */
  #whiteOut(parts: string[], name: string, layer: number): void {
    const folder = this.#look(parts);
    if (!folder) return;
    if (name === ".wh..wh..opq") {
      prune(folder, layer);
      return;
    }
    // Other names of this kind are aufs' own records.
    if (name.startsWith(".wh..wh.")) return;
    const hidden = name.slice(".wh.".length);
    const node = folder.children.get(hidden);
    if (node && !survives(node, layer)) folder.children.delete(hidden);
  }

  #look(parts: string[]): Folder | undefined {
    return this.#walk(parts, undefined);
  }

  #enter(parts: string[], layer: number): Folder {
    const folder = this.#walk(parts, layer);
    if (folder) return folder;
    throw new QpodError({ fact: `the archive has a loop of symlinks at ${shown(parts.join("/"))}`, place: { file: this.#place } });
  }

  /** Follows a path from the root; with a layer, what is missing or in the way becomes a folder. */
  #walk(parts: string[], make: number | undefined): Folder | undefined {
    const waiting = [...parts].reverse();
    const stack = [this.#root];
    let links = 0;
    while (waiting.length > 0) {
      const part = waiting.pop();
      const here = stack.at(-1) as Folder;
      if (!part || part === ".") continue;
      if (part === "..") {
        if (stack.length > 1) stack.pop();
        continue;
      }
      let node = here.children.get(part);
      if (node?.kind === "file" && node.target !== undefined) {
        if (++links > 40) return undefined;
        if (node.target.startsWith("/")) stack.length = 1;
        waiting.push(...node.target.split("/").reverse());
        continue;
      }
      if (node?.kind !== "folder") {
        if (make === undefined) return undefined;
        node = { kind: "folder", layer: make, entry: undefined, children: new Map() };
        here.children.set(part, node);
      }
      stack.push(node);
    }
    return stack.at(-1);
  }
}

export interface Unpacking {
  /** Parents come before their children. */
  folders: { path: string; entry: TarEntry | undefined }[];
  /** The names that a file has in the end; none when it does not survive. */
  pathsOf(layer: number, index: number): string[];
  files: number;
}

interface Source {
  layer: number;
  index: number;
}

/** A file or symlink, which may have several names. */
interface Inode extends Source {
  target: string | undefined;
}

interface Folder {
  kind: "folder";
  layer: number;
  entry: TarEntry | undefined;
  children: Map<string, Node>;
}

type Node = Folder | { kind: "file"; layer: number; inode: Inode; target: string | undefined };

/** Removes what came from lower layers. */
function prune(folder: Folder, layer: number): void {
  for (const [name, node] of folder.children) if (!survives(node, layer)) folder.children.delete(name);
}

function survives(node: Node, layer: number): boolean {
  if (node.kind === "file") return node.layer === layer;
  prune(node, layer);
  return node.layer === layer || node.children.size > 0;
}

function sourceKey({ layer, index }: Source): string {
  return `${layer}:${index}`;
}

function shown(latin1: string): string {
  return JSON.stringify(Buffer.from(latin1, "latin1").toString("utf8"));
}
