import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Image, kept } from "./image.ts";

/** Milliseconds that a machine has to let somebody log in: minutes where it is emulated. */
const BOOT = 900_000;

/** A virtual machine with nothing around it but a port to log in by. What it writes to its disk is forgotten. */
export class Machine {
  readonly #process: ChildProcess;
  readonly #port: number;
  readonly #key: string;

  private constructor(process: ChildProcess, port: number, key: string) {
    this.#process = process;
    this.#port = port;
    this.#key = key;
  }

  /** @throws when nobody could log in after a quarter of an hour; it is off then. */
  static async boot(name: string, image: Image, payload: string, key: string): Promise<Machine> {
    const port = await freePort();
    const words = [
      // Emulated throughout: a /dev/kvm that is there need not work. One processor: older emulators break locks between two.
      ...["-accel", "tcg", "-cpu", "max", "-smp", "1", "-m", "2048", "-nodefaults", "-display", "none", "-no-reboot"],
      ...["-serial", `file:${join(kept, `${name}.console`)}`, "-kernel", image.kernel, "-initrd", image.initrd],
      ...["-append", "root=/dev/vda rw console=ttyS0 net.ifnames=0 panic=-1"],
      ...["-drive", `file=${image.disk},format=raw,if=virtio,snapshot=on`],
      ...["-drive", `file=${payload},format=raw,if=virtio,readonly=on`],
      ...["-netdev", `user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`, "-device", "virtio-net-pci,netdev=n,romfile="],
      ...["-device", "virtio-rng-pci"],
    ];
    const log = openSync(join(kept, `${name}.qemu`), "w");
    const machine = new Machine(spawn("nice", ["qemu-system-x86_64", ...words], { stdio: ["ignore", log, log] }), port, key);
    process.once("exit", () => machine.#process.kill("SIGKILL"));
    const end = Date.now() + BOOT;
    // Nothing tells when a machine has come up, but that it answers.
    // Not by fstab: on a slow machine systemd gives the second disk up, and the whole boot with it.
    while (machine.run("root", "mountpoint -q /payload || mount -o ro /dev/vdb /payload", 60_000).status !== 0) {
      if (machine.#process.exitCode === null && Date.now() < end) {
        await setTimeout(2000);
        continue;
      }
      await machine.off();
      throw new Error(`${name} did not come up: see ${join(kept, `${name}.console`)}`);
    }
    return machine;
  }

  /** Runs a line for a shell, as in a login from outside; after `time` milliseconds it is given up. */
  run(user: string, line: string, time: number): { status: number | null; stdout: string } {
    const options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "ConnectTimeout=20", "LogLevel=ERROR"];
    const words = ["-i", this.#key, "-p", String(this.#port), ...options.flatMap((one) => ["-o", one]), `${user}@127.0.0.1`, line];
    const { status, stdout } = spawnSync("ssh", words, { encoding: "utf8", timeout: time, stdio: ["ignore", "pipe", "ignore"] });
    return { status, stdout };
  }

  async off(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
