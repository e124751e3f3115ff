import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import type { Progress } from "../base/progress.ts";
import { asNamespaceRoot, type IdMaps } from "../launch/user-namespace.ts";
import { run } from "../process/run.ts";
import { bootstrapError, followOutput } from "./bootstrap-output.ts";
import { findTool } from "./host-tools.ts";
import { findKeyrings, gatherKeyrings, joinKeyrings } from "./keyrings.ts";
import { type Bootstrap, findMirror, type Mirror } from "./mirrors.ts";
import { pretendRoot } from "./pretend-root.ts";

type Argv = [string, ...string[]];

/** Downloaded packages, which make a second bootstrap fast. */
export function debsFolder(paths: Paths): string {
  return join(paths.data, "debs");
}

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
  const keyrings = findKeyrings(root.distribution);
  const mirror = await findMirror(root);
  options.progress.step(`bootstrapping ${root.distribution} ${root.release} from ${mirror.uri}`);
  const debs = join(options.debs, `${root.distribution}-${root.release}`);
  mkdirSync(debs, { recursive: true, mode: 0o700 });
  const aptOptions = tool === "mmdebstrap" ? await readAptOptions() : [];
  const argv =
    tool === "mmdebstrap"
      ? mmdebstrapCommand(root, tree, mirror, {
          maps: options.maps,
          keys: gatherKeyrings(keyrings, join(options.scratch, "keys")),
          aptOptions,
        })
      : debootstrapCommand(root, tree, mirror, joinKeyrings(keyrings, join(options.scratch, "keys.gpg")), debs);
  const result = await run(asNamespaceRoot(argv, options.maps), {
    onLine: followOutput(options.progress),
    lines: "both",
    env: cleanEnvironment(debs, options.scratch),
  });
  if (result.status !== 0) throw bootstrapError(`${result.stdout}\n${result.stderr}`, root, mirror);
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

export function mmdebstrapCommand(root: Bootstrap, tree: string, mirror: Mirror, { maps, keys, aptOptions }: MmdebstrapOptions): Argv {
  const single = maps.ownership === "single";
  const argv: Argv = [
    "mmdebstrap",
    "--mode=root",
    "--variant=minbase",
    "--format=directory",
    "--verbose",
    `--keyring=${keys}`,
    ...(root.packages.length > 0 ? [`--include=${root.packages.join(",")}`] : []),
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
    `--customize-hook=${keepOptions(mirror)}`,
    root.release,
    tree,
    `deb ${mirror.uri} ${root.release} ${root.components.join(" ")}`,
  ];
  return single ? (pretendRoot(argv) ?? argv) : argv;
}

function keepOptions({ archived }: Mirror): string {
  const file = '"$1/etc/apt/apt.conf.d/99qpod"';
  const remove = 'rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"';
  return archived ? `${remove}; echo 'Acquire::Check-Valid-Until "false";' >${file}` : remove;
}

export function debootstrapCommand(root: Bootstrap, tree: string, mirror: Mirror, keyring: string, debs: string): Argv {
  return [
    "debootstrap",
    "--variant=minbase",
    `--components=${root.components.join(",")}`,
    ...(root.packages.length > 0 ? [`--include=${root.packages.join(",")}`] : []),
    `--keyring=${keyring}`,
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
function cleanEnvironment(debs: string, scratch: string): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, ...env } = process.env;
  const inNamespace = process.geteuid?.() !== 0;
  const path = `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;
  return {
    ...env,
    PATH: path,
    LC_ALL: "C.UTF-8",
    TMPDIR: scratch,
    QPOD_DEBS: debs,
    DEBIAN_FRONTEND: "noninteractive",
    ...(inNamespace ? { container: "lxc" } : {}),
  };
}
