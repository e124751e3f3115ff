import { lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync, renameSync, symlinkSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { makePrivateFolder } from "../base/paths.ts";
import { type RuntimeLayout, SESSION_LIBRARY } from "./layout.ts";
import { nativeFile } from "./locate.ts";

/** Makes the runtime folder and what the native programs need in it; cheap when it is all there. */
export function installRuntime(layout: RuntimeLayout): void {
  makePrivateFolder(layout.folder);
  makePrivateFolder(layout.pods);
  makePrivateFolder(layout.shims);
  link(nativeFile("qpod-launch"), layout.launch);
  for (const [folder, file] of preloadFolders()) {
    mkdirSync(join(layout.folder, folder), { recursive: true, mode: 0o700 });
    link(file, join(layout.folder, folder, SESSION_LIBRARY));
  }
}

/**
 * The folder names that the host's dynamic linkers put for $LIB, with the library of their word size. musl's
 * linker puts nothing: a folder with that very name serves it.
 */
function preloadFolders(): Map<string, string> {
  const native = nativeFile("libqpod.so");
  const folders = new Map([
    ["lib-native", native],
    ["$LIB", native],
  ]);
  const linkers: [string, string][] = [
    ["/lib64/ld-linux-x86-64.so.2", native],
    ["/lib/ld-linux-aarch64.so.1", native],
  ];
  const small = tryNativeFile32();
  if (small) linkers.push(["/lib/ld-linux.so.2", small], ["/lib32/ld-linux.so.2", small]);
  for (const [linker, file] of linkers) {
    const folder = libraryFolder(linker);
    if (folder && !folders.has(folder)) folders.set(folder, file);
  }
  return folders;
}

/** Not every host that builds qpod can build the 32-bit library. */
function tryNativeFile32(): string | undefined {
  try {
    return nativeFile("libqpod-32.so");
  } catch {
    return undefined;
  }
}

/** `lib/x86_64-linux-gnu` on Debian, `lib64` on Fedora, `lib` on Arch: where the linker itself lies says which. */
function libraryFolder(linker: string): string | undefined {
  try {
    return dirname(realpathSync(linker)).replace(/^\/(usr\/)?/, "");
  } catch {
    return undefined;
  }
}

/** Makes exactly these shims; the next program to look finds either the old or the new one. */
export function writeShims(layout: RuntimeLayout, names: ReadonlySet<string>): void {
  const present = new Set(readdirSync(layout.shims));
  for (const name of names) if (!present.has(name)) link("../launch", join(layout.shims, name));
  for (const name of present) if (!names.has(name)) unlinkSync(join(layout.shims, name));
}

function link(target: string, path: string): void {
  try {
    if (lstatSync(path).isSymbolicLink() && readlinkSync(path) === target) return;
  } catch {
    // Not there yet.
  }
  const temporary = `${path}.${process.pid}`;
  symlinkSync(target, temporary);
  renameSync(temporary, path);
}
