import { chmodSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { errnoOf, QpodError, remedyFor } from "./errors.ts";

/** Where qpod keeps things for one user. All are absolute; none is created by asking for it. */
export interface Paths {
  home: string;
  /** The user's own files: `environments/NAME.yaml`, `catalogs.yaml`. */
  config: string;
  /** The administrator's environments. */
  systemConfig: string;
  /** Root trees and writable layers. */
  data: string;
  /** Trust, and the registry of bound repositories. */
  state: string;
  /** Policy, entries and shims; private, lost at reboot, made again when missing. */
  runtime: string;
}

type Variables = Record<string, string | undefined>;

/** The user's home folder, from the user database when HOME is unset or unusable. */
export function homeFolder(env: Variables = process.env): string {
  if (env.HOME && isAbsolute(env.HOME)) return env.HOME;
  return userInfo().homedir || homedir();
}

/** Finds the folders by the XDG rules; relative XDG values are ignored, as the specification asks. */
export function findPaths(env: Variables = process.env): Paths {
  const home = homeFolder(env);
  const xdg = (name: string, fallback: string) => {
    const value = env[name];
    return value && isAbsolute(value) ? value : join(home, fallback);
  };
  return {
    home,
    config: join(xdg("XDG_CONFIG_HOME", ".config"), "qpod"),
    systemConfig: "/etc/qpod",
    data: join(xdg("XDG_DATA_HOME", ".local/share"), "qpod"),
    state: join(xdg("XDG_STATE_HOME", ".local/state"), "qpod"),
    runtime: runtimeFolder(env),
  };
}

/**
 * The runtime folder's path goes into LD_PRELOAD, whose entries cannot hold a space or a colon,
 * and XDG_RUNTIME_DIR survives `su`, so a folder of another user's must not be taken.
 */
function runtimeFolder(env: Variables): string {
  // The launcher knows where it was started from, also for callers whose variables say nothing of it.
  if (env.QPOD_RUNTIME && isAbsolute(env.QPOD_RUNTIME) && isPrivateFolder(env.QPOD_RUNTIME)) return env.QPOD_RUNTIME;
  const given = env.XDG_RUNTIME_DIR;
  if (given && isAbsolute(given) && !/[\s:$]/.test(given) && isPrivateFolder(given)) {
    return join(given, "qpod");
  }
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? "/run/qpod" : `/tmp/qpod-${uid}`;
}

function isPrivateFolder(path: string): boolean {
  try {
    const info = lstatSync(path);
    return info.isDirectory() && info.uid === process.getuid?.() && (info.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/** Makes a folder that only this user can enter. Refuses one that somebody else made or can write to. */
export function makePrivateFolder(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true });
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw cannotMake(path, error);
  }
  const info = lstatSync(path);
  if (!info.isDirectory() || info.uid !== process.getuid?.()) {
    throw new QpodError({
      fact: `${path} is not a folder of yours (owner uid ${info.uid})`,
      remedy: "Remove it, or set XDG_RUNTIME_DIR to a private folder of your own.",
    });
  }
  if ((info.mode & 0o077) !== 0) chmodSync(path, 0o700);
  return path;
}

/**
 * Makes sure that nobody else gets into a folder in which qpod keeps things: a root tree's set-uid programs, what the user
 * allowed. It may be a link to a larger disk.
 */
export function closeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotMake(path, error);
  }
  const info = statSync(path);
  if (info.uid !== process.geteuid?.()) {
    throw new QpodError({
      fact: `the folder ${path} is another user's (uid ${info.uid})`,
      remedy: "HOME and the XDG_* variables must be your own: `sudo -H` and `su -` set them.",
    });
  }
  if ((info.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

function cannotMake(path: string, error: unknown): QpodError {
  return new QpodError({
    fact: `cannot make the folder ${path}: ${errnoOf(error) ?? error}`,
    remedy: errnoOf(error) === "EACCES" ? "The parent folder must be writable for you." : remedyFor(error),
    cause: error,
  });
}
