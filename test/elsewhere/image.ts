import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Release } from "./columns.ts";

/** Kept between runs: the disks of machines, which are never written to, and the key to log in with. */
export const kept = resolve("test/tmp/elsewhere");

/** What a laptop that is used to build software has, with all that Debian recommends beside it (AppArmor for one). */
const packages = [
  ..."linux-image-amd64 initramfs-tools init systemd-sysv dbus-user-session libpam-systemd udev kmod openssh-server".split(" "),
  ..."git make gcc libc6-dev procps uidmap podman iproute2 iputils-ping nftables strace proot".split(" "),
];

/** The files of a machine: its disk and what it starts from. */
export interface Image {
  disk: string;
  kernel: string;
  initrd: string;
}

export function makeKey(): string {
  mkdirSync(kept, { recursive: true });
  const key = join(kept, "key");
  if (!existsSync(key)) run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
  return key;
}

/** Installs the release on a disk of its own, the first time. Takes minutes. */
export function makeImage(release: Release): Image {
  const image = { disk: join(kept, `${release}.img`), kernel: join(kept, `${release}.kernel`), initrd: join(kept, `${release}.initrd`) };
  if (existsSync(image.disk)) return image;
  const key = `${makeKey()}.pub`;
  const tree = join(kept, `${release}.tree`);
  rmSync(tree, { recursive: true, force: true });
  const options = ["--variant=minbase", "--format=directory", "--dpkgopt=force-unsafe-io", '--aptopt=Apt::Install-Recommends "true"'];
  const hooks = set(key).map((line) => `--customize-hook=${line}`);
  run("mmdebstrap", ...options, `--include=${packages.join(",")}`, ...hooks, release, tree);
  copyFileSync(bootFile(tree, "vmlinuz-"), image.kernel);
  copyFileSync(bootFile(tree, "initrd.img-"), image.initrd);
  pack(tree, image.disk, "6G");
  rmSync(tree, { recursive: true, force: true });
  return image;
}

/** Lines for a shell, with the new tree as $1. The network is only for logging in from outside. */
function set(key: string): string[] {
  const card = "[Match]\\nName=eth0\\n[Network]\\nAddress=10.0.2.15/24\\n";
  return [
    'chroot "$1" useradd -m -s /bin/bash -u 1000 ann',
    `for home in root home/ann; do install -D -m 644 ${key} "$1/$home/.ssh/authorized_keys"; done; chown -R 1000:1000 "$1/home/ann/.ssh"`,
    'echo elsewhere >"$1/etc/hostname"; echo "127.0.0.1 localhost elsewhere" >"$1/etc/hosts"; mkdir "$1/payload"',
    'echo "/dev/vda / ext4 defaults 0 1" >"$1/etc/fstab"',
    `printf "${card}" >"$1/etc/systemd/network/eth0.network"; chroot "$1" systemctl enable systemd-networkd ssh`,
    'chroot "$1" systemctl mask apt-daily.timer apt-daily-upgrade.timer systemd-networkd-wait-online.service',
    'ln -s /payload/node "$1/usr/local/bin/node"',
  ];
}

/** A disk with what is tried: qpod as it was built, this machine's node (a release's own may be too old), an old root. */
export function makePayload(): string {
  const tree = join(kept, "payload");
  mkdirSync(tree, { recursive: true });
  const root = join(tree, "tree.tar");
  if (!existsSync(root)) {
    const half = join(kept, "half.tar");
    run("mmdebstrap", "--variant=extract", "--include=make,dash,coreutils,busybox,base-files,base-passwd", "bullseye", half);
    renameSync(half, root);
  }
  copyFileSync(process.execPath, join(tree, "node"));
  for (const part of ["dist", "bin", "schema"]) {
    rmSync(join(tree, "qpod", part), { recursive: true, force: true });
    cpSync(part, join(tree, "qpod", part), { recursive: true, verbatimSymlinks: true });
  }
  copyFileSync("test/elsewhere/scenario", join(tree, "scenario"));
  const disk = join(kept, "payload.img");
  pack(tree, disk, "1G");
  return disk;
}

function pack(tree: string, disk: string, size: string): void {
  rmSync(disk, { force: true });
  run("truncate", "-s", size, `${disk}.half`);
  run("mkfs.ext4", "-q", "-F", "-d", tree, `${disk}.half`);
  renameSync(`${disk}.half`, disk);
}

function bootFile(tree: string, start: string): string {
  const name = readdirSync(join(tree, "boot")).find((one) => one.startsWith(start));
  if (!name) throw new Error(`${tree} has no /boot/${start}*`);
  return join(tree, "boot", name);
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: ["ignore", "ignore", "inherit"] });
}
