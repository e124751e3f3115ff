import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { nativeFile } from "../launch/locate.ts";

/** A launcher of ours that stays. */
export interface OwnLauncher {
  pid: number | undefined;
  /** Both ways. It ends when nobody holds our end any more. */
  channel: Socket;
  /** Resolves when it is gone. */
  ended: Promise<void>;
  /** Whether it keeps this process from ending: not at first. */
  ref(): void;
  unref(): void;
}

/**
 * Starts a subcommand of qpod-launch that stays, and is talked to on its descriptor 3.
 * @param cwd ours when left out.
 * @param onError hears why it could not be started.
 */
export function startOwnLauncher(subcommand: string, options: { cwd?: string; onError: (error: Error) => void }): OwnLauncher {
  const child = spawn(nativeFile("qpod-launch"), [subcommand], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    // For Node, which it may have to start a pod with; commands get what the request says.
    env: process.env,
    cwd: options.cwd,
  });
  const channel = channelOf(child);
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  child.once("error", options.onError);
  channel.on("error", () => {});
  const unref = () => {
    child.unref();
    channel.unref();
  };
  const ref = () => {
    child.ref();
    channel.ref();
  };
  unref();
  return { pid: child.pid, channel, ended, ref, unref };
}

/** Its descriptor 3. When no descriptor was left for it Node makes none, and tells why in the event `error`. */
export function channelOf(child: ChildProcess): Socket {
  return (child.stdio?.[3] as Socket | undefined) ?? new Socket();
}
