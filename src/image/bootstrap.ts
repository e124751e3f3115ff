import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { readIfThere } from "../base/files.ts";
import type { Progress } from "../base/progress.ts";
import { asNamespaceRoot, type IdMaps } from "../launch/user-namespace.ts";
import { run } from "../process/run.ts";
import { bootstrapError, followOutput } from "./bootstrap-output.ts";
import { debsName } from "./debs.ts";
import { findTool } from "./host-tools.ts";
import { findKeyrings, gatherKeyrings, joinKeyrings, readKeys } from "./keyrings.ts";
import { type Bootstrap, findMirror, type Mirror } from "./mirrors.ts";
import { pretendRoot } from "./pretend-root.ts";
import { settleApt, sourceLine } from "./settle-apt.ts";

type Argv = [string, ...string[]];

export interface BootstrapOptions {
  maps: IdMaps;
  progress: Progress;
  scratch: string;
  /** Where downloaded packages are kept. */
  debs: string;
}

/** Makes a tree from a distribution's packages, as root of the user's namespace. */
export async function bootstrapTree(given: Bootstrap, tree: string, options: BootstrapOptions): Promise<void> {
  const root = { ...given, components: given.components.length > 0 ? given.components : ["main"] };
  const tool = chooseTool(options.maps);
  options.progress.step(`looking for ${root.distribution} ${root.release}`);
  const keyrings = chooseKeyrings(root);
  const mirror = await findMirror(root);
  if (root.trusted)
    options.progress.warn(
      `nothing shows that ${mirror.uri} has the real ${root.distribution} ${root.release}: it is trusted unchecked, as the environment says`,
    );
  options.progress.step(`bootstrapping ${root.distribution} ${root.release} from ${mirror.uri}`);
  const debs = join(options.debs, debsName(root));
  mkdirSync(debs, { recursive: true, mode: 0o700 });
  const aptOptions = tool === "mmdebstrap" ? await readAptOptions() : [];
  const argv =
    tool === "mmdebstrap"
      ? mmdebstrapCommand(root, tree, mirror, {
          maps: options.maps,
          keys: gatherKeyrings(keyrings, join(options.scratch, "keys")),
          aptOptions,
        })
      : debootstrapCommand(root, tree, mirror, { keyring: joinKeyrings(keyrings, join(options.scratch, "keys.gpg")), debs });
  const result = await run(asNamespaceRoot(argv, options.maps), {
    onLine: followOutput(options.progress),
    lines: "both",
    // debootstrap passes TMPDIR on to programs inside, where there is no such folder.
    env: cleanEnvironment(debs, tool === "mmdebstrap" ? options.scratch : undefined),
  });
  if (result.status !== 0) {
    // What programs inside said stands in debootstrap's log alone, which goes with the tree.
    const log = readIfThere(join(tree, "debootstrap/debootstrap.log")) ?? "";
    throw bootstrapError(`${result.stdout}\n${result.stderr}\n${log}`, root, mirror);
  }
  await settleApt(root, tree, mirror, options);
}

/** A release that is trusted as it is needs no keys, and this machine need not have any. */
function chooseKeyrings(root: Bootstrap): string[] {
  if (root.trusted) return [];
  if (!root.keyring) return findKeyrings(root.distribution);
  readKeys(root.keyring);
  return [root.keyring];
}

/** mmdebstrap is several times faster, and the only one that one id alone is enough for. */
function chooseTool(maps: IdMaps): "mmdebstrap" | "debootstrap" {
  if (findTool("mmdebstrap")) return "mmdebstrap";
  if (!findTool("debootstrap")) {
    throw new QpodError({
      fact: "neither mmdebstrap nor debootstrap is installed",
      remedy: "Install mmdebstrap (apt install mmdebstrap), or use `image:` or `archive:`.",
    });
  }
  if (maps.ownership !== "single") return "debootstrap";
  throw new QpodError({
    fact: `debootstrap cannot work with one id alone (${maps.reason})`,
    remedy: "Install mmdebstrap, or get subordinate ids: see `qpod doctor`.",
  });
}

interface MmdebstrapOptions {
  maps: IdMaps;
  /** Folder with keyrings. */
  keys: string;
  aptOptions: string[];
}

function mmdebstrapCommand(root: Bootstrap, tree: string, mirror: Mirror, { maps, keys, aptOptions }: MmdebstrapOptions): Argv {
  const single = maps.ownership === "single";
  const argv: Argv = [
    "mmdebstrap",
    "--mode=root",
    "--variant=minbase",
    "--format=directory",
    "--verbose",
    `--keyring=${keys}`,
    // Its smallest system is one without apt, and then nothing can be installed later.
    `--include=${["apt", ...root.packages].join(",")}`,
    ...[...aptOptions, 'APT::Sandbox::User "root"', ...(mirror.archived ? ['Acquire::Check-Valid-Until "false"'] : [])].map(
      (option) => `--aptopt=${option}`,
    ),
    // An interrupted bootstrap is thrown away whole, and the disk is synchronised once at the end.
    "--dpkgopt=force-unsafe-io",
    // A devpts with the gid of tty, and device nodes, cannot be made with one id: the host's are shown instead.
    `--skip=${["essential/unlink", ...(single ? ["chroot/mount", "output/dev"] : [])].join(",")}`,
    ...(single
      ? [
          '--extract-hook=for d in dev proc sys; do mount --rbind /$d "$1/$d"; done',
          '--customize-hook=umount -l "$1/dev" "$1/proc" "$1/sys"',
        ]
      : []),
    '--setup-hook=mkdir -p "$1/var/cache/apt/archives"; find "$QPOD_DEBS" -name "*.deb" -exec ln -f -t "$1/var/cache/apt/archives" {} +',
    '--customize-hook=find "$1/var/cache/apt/archives" -name "*.deb" -exec ln -f -t "$QPOD_DEBS" {} +',
    // It holds the host's settings; inside, others may be needed, and its paths mean nothing.
    '--customize-hook=rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"',
    root.release,
    tree,
    sourceLine(root, mirror),
  ];
  return single ? (pretendRoot(argv) ?? argv) : argv;
}

interface DebootstrapOptions {
  keyring: string;
  debs: string;
}

function debootstrapCommand(root: Bootstrap, tree: string, mirror: Mirror, { keyring, debs }: DebootstrapOptions): Argv {
  return [
    "debootstrap",
    "--variant=minbase",
    `--components=${root.components.join(",")}`,
    ...(root.packages.length > 0 ? [`--include=${root.packages.join(",")}`] : []),
    ...(root.trusted ? ["--no-check-gpg"] : [`--keyring=${keyring}`, "--force-check-gpg"]),
    `--cache-dir=${debs}`,
    root.release,
    tree,
    mirror.uri,
  ];
}

/** What of the host's apt settings decides how to reach a mirror; mmdebstrap's apt reads none of them. */
async function readAptOptions(): Promise<string[]> {
  if (!findTool("apt-config")) return [];
  const { stdout } = await run(["apt-config", "dump", "Acquire"]);
  return stdout
    .split("\n")
    .filter((line) => /^Acquire::(https?::\S|ftp::\S|Retries|Check-Valid-Until|Check-Date|ForceIPv[46]|Proxy)\S* ".+";$/.test(line))
    .map((line) => line.slice(0, -1));
}

/** `container` makes debootstrap bind the host's devices, as none can be made in a user namespace. */
function cleanEnvironment(debs: string, scratch: string | undefined): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, TMPDIR: __, ...env } = process.env;
  const inNamespace = process.geteuid?.() !== 0;
  const path = `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;
  return {
    ...env,
    PATH: path,
    LC_ALL: "C.UTF-8",
    ...(scratch === undefined ? {} : { TMPDIR: scratch }),
    QPOD_DEBS: debs,
    DEBIAN_FRONTEND: "noninteractive",
    ...(inNamespace ? { container: "lxc" } : {}),
  };
}
