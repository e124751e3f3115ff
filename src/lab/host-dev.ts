import { type Operation, op, option } from "../launch/operations.ts";

const nodes = ["null", "zero", "full", "random", "urandom", "tty", "net/tun"];
const links: [string, string][] = [
  ["/proc/self/fd", "fd"],
  ["/proc/self/fd/0", "stdin"],
  ["/proc/self/fd/1", "stdout"],
  ["/proc/self/fd/2", "stderr"],
  ["pts/ptmx", "ptmx"],
];

/** A /dev of the host's own: root, too, must not be able to change the system's. */
export function devOperations(): Operation[] {
  const mount = (path: string, type: string, data: string): Operation => ({ code: op.mount, strings: [type, path, type, data] });
  const folder = (path: string): Operation => ({ code: op.mkdir, numbers: [0o755, 0, 0], strings: [path] });
  return [
    folder("/dev"),
    mount("/dev", "tmpfs", "mode=755"),
    ...nodes.map((name) => ({ code: op.bind, numbers: [0, option.create | option.optional], strings: [`/dev/${name}`, `/dev/${name}`] })),
    folder("/dev/pts"),
    mount("/dev/pts", "devpts", "newinstance,ptmxmode=0666,mode=620"),
    folder("/dev/shm"),
    mount("/dev/shm", "tmpfs", "mode=1777"),
    ...links.map(([content, name]) => ({ code: op.symlink, strings: [content, `/dev/${name}`] })),
  ];
}
