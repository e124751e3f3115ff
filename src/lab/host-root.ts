import { basename, join } from "node:path";
import { type Operation, op, option } from "../launch/operations.ts";
import { devOperations } from "./host-dev.ts";
import { listFolders, type Patch } from "./patchwork.ts";
import type { HostOptions } from "./topology.ts";

/** A tree that a host gets a copy of. */
export interface HostRoot {
  folder: string;
  /** Of the running system: its parts. */
  patches?: readonly Patch[];
  /** Made by somebody whose ids this lab does not have: new files need folders of the lab's own. */
  foreign: boolean;
}

/** MS_* of <sys/mount.h>. */
const flag = { noSuid: 2, noDev: 4, recursive: 0x4000, private: 0x40000, readOnly: 1 } as const;
/** In the host's own /run, which goes with it. */
const place = "/run/.lab";

/** What makes a host's files its own. `files` are for its /etc. */
export function rootOperations(
  options: HostOptions,
  root: HostRoot | undefined,
  files: Record<string, string>,
  { inUsers, etc }: { inUsers: boolean; etc?: readonly Patch[] | undefined },
): Operation[] {
  return [
    ...(options.propagation === "private" ? [{ code: op.propagation, numbers: [flag.recursive | flag.private], strings: ["/"] }] : []),
    // Services of the system (name caches, buses) know nothing of the lab; their sockets are here.
    tmpfs("/run"),
    ...(root ? ownRoot(root, files, inUsers) : etc ? gatheredEtc(etc, files) : sharedRoot(files, inUsers)),
  ];
}

/** The system's root; /etc is covered by a layer of the host's own, so that links there need not be followed. */
function sharedRoot(files: Record<string, string>, inUsers: boolean): Operation[] {
  const [upper, work] = [join(place, "etc"), join(place, "work")];
  return [folder(upper), folder(work), ...writeAll(upper, files), overlay("/etc", upper, work, "/etc", inUsers), sysfs];
}

/** The same where no overlay may be mounted: from what is in /etc, read-only, beside the host's own files. */
function gatheredEtc(parts: readonly Patch[], files: Record<string, string>): Operation[] {
  const etc = join(place, "etc");
  const others = parts.filter(({ path }) => !(basename(path) in files));
  return [
    folder(etc),
    ...writeAll(etc, files),
    ...others.map((part): Operation => {
      const at = join(etc, basename(part.path));
      if (part.kind === "link") return { code: op.symlink, strings: [part.content, at] };
      return { code: op.bind, numbers: [flag.recursive | flag.readOnly, option.create], strings: [part.path, at] };
    }),
    { code: op.bind, numbers: [flag.recursive], strings: [etc, "/etc"] },
    sysfs,
  ];
}

function ownRoot(root: HostRoot, files: Record<string, string>, inUsers: boolean): Operation[] {
  const target = join(place, "root");
  return [
    folder(target),
    ...(root.patches ? systemTree(root.patches, target, inUsers) : wholeTree(root, target, inUsers)),
    folder(join(target, "etc")),
    ...writeAll(join(target, "etc"), files),
    { code: op.pivot, strings: [target] },
    bind("/proc"),
    bind("/sys"),
    sysfs,
    ...devOperations(),
    folder("/run"),
    tmpfs("/run"),
    { code: op.leave },
  ];
}

function wholeTree(root: HostRoot, target: string, inUsers: boolean): Operation[] {
  const [upper, work] = [join(place, "upper"), join(place, "work")];
  const kept = root.foreign ? listFolders(root.folder).map(({ path, mode }) => folder(join(upper, path), mode)) : [];
  return [folder(upper), folder(work), ...kept, overlay(root.folder, upper, work, target, inUsers)];
}

function systemTree(patches: readonly Patch[], target: string, inUsers: boolean): Operation[] {
  return [tmpfs(target), ...patches.flatMap((patch, i) => patchOperations(patch, i, target, inUsers))];
}

function patchOperations(patch: Patch, i: number, target: string, inUsers: boolean): Operation[] {
  const { path, mode } = patch;
  const at = join(target, path);
  const owner = inUsers ? [0, 0] : [patch.uid, patch.gid];
  if (patch.kind === "link") return [{ code: op.symlink, strings: [patch.content, at] }];
  if (patch.kind === "file") return [{ code: op.bind, numbers: [flag.readOnly, option.create], strings: [path, at] }];
  if (patch.kind === "folder" || patch.kind === "empty") return [{ code: op.mkdir, numbers: [mode, ...owner], strings: [at] }];
  const [upper, work] = [join(place, "upper", path), join(place, `work${i}`)];
  // Folders of the lab's own over those of somebody else's can be written to.
  const kept = inUsers
    ? listFolders(path, "/", path === "/etc" || path === "/var" ? 2 : 1).map((one) => folder(join(upper, one.path), one.mode))
    : [];
  const made: Operation = { code: op.mkdir, numbers: [mode, ...owner], strings: [upper] };
  return [folder(at), made, ...kept, folder(work), overlay(path, upper, work, at, inUsers)];
}

function writeAll(folder: string, files: Record<string, string>): Operation[] {
  return Object.entries(files).map(([name, content]) => ({ code: op.labFile, numbers: [2], strings: [join(folder, name), content] }));
}

function overlay(lower: string, upper: string, work: string, target: string, inUsers: boolean): Operation {
  // Overlay keeps its marks in trusted.* attributes, which only the first user namespace may write.
  const marks = inUsers ? ",userxattr" : "";
  const data = `lowerdir=${lower.replaceAll(/[\\,:]/g, "\\$&")},upperdir=${upper},workdir=${work}${marks}`;
  return { code: op.mount, strings: ["overlay", target, "overlay", data] };
}

/** It shows the interfaces of the network namespace that it was mounted in. */
const sysfs: Operation = {
  code: op.mount,
  numbers: [flag.noSuid | flag.noDev | 8, option.optional],
  strings: ["sysfs", "/sys", "sysfs", ""],
};

function bind(path: string): Operation {
  return { code: op.bind, numbers: [flag.recursive, option.create], strings: [path, path] };
}

function tmpfs(path: string): Operation {
  return { code: op.mount, numbers: [flag.noSuid | flag.noDev], strings: ["tmpfs", path, "tmpfs", "mode=755"] };
}

function folder(path: string, mode = 0o755): Operation {
  return { code: op.mkdir, numbers: [mode, 0, 0], strings: [path] };
}
