import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import type { Column, Way } from "../way.ts";
import { makePlace, type Place } from "./workplace.ts";

const IMAGE = "localhost/fidelity";

/** A peer that podman carries; `make` leaves a container behind that `enter` uses. */
function peer(
  column: Omit<Column, "kind" | "open">,
  make: (place: Place) => void,
  enter: (place: Place) => Way["enter"],
  needs: string,
): Column {
  return {
    ...column,
    kind: "peer",
    async open(kit) {
      if (spawnSync("sh", ["-c", `command -v ${needs}`]).status !== 0) throw new Error(`${needs} is not installed`);
      const person = kit.person(column.as);
      const place = makePlace(kit, person, column.as === "root" ? homedir() : `/home/${person.name}`);
      const close = () => removeAll(place);
      try {
        place.must(["podman", "import", await kit.archive(), IMAGE], 300_000);
        make(place);
        return { person, slow: true, env: place.env, repository: place.repository, elsewhere: place.elsewhere, enter: enter(place), close };
      } catch (error) {
        close();
        throw new Error(sayWhy(error));
      }
    },
  };
}

function removeAll(place: Place): void {
  for (const words of [
    ["rm", "--all", "--force", "--time", "0"],
    ["system", "reset", "--force"],
  ]) {
    try {
      place.must(["podman", ...words]);
    } catch {
      // The folder goes all the same.
    }
  }
  place.remove();
}

function sayWhy(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim().split("\n").at(-1) ?? message).slice(0, 300);
}

function startContainer(place: Place, more: readonly string[] = []): void {
  // What podman sets by itself may be more than this machine's root is allowed, and podman lowers its own to pid_max.
  const processes = Math.min(hardLimit("nproc"), Number(readFileSync("/proc/sys/kernel/pid_max", "utf8")));
  const limits = ["--ulimit", `nofile=${hardLimit("nofile")}:${hardLimit("nofile")}`, "--ulimit", `nproc=${processes}:${processes}`];
  const run = ["podman", "run", "--detach", ...limits, "--network=host"];
  place.must([...run, ...more, "--name", "box", "--volume", `${place.repository}:${place.repository}`, IMAGE, "sleep", "infinity"]);
}

function hardLimit(name: string): number {
  const text = execFileSync("prlimit", [`--${name}`, "--output=HARD", "--noheadings"], { encoding: "utf8" }).trim();
  return text === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(text);
}

const podmanExec = (place: Place): Way["enter"] => {
  void place;
  return (argv, { terminal, cwd }) => ["podman", "exec", terminal ? "-it" : "-i", "-w", cwd, "box", ...argv];
};

export const peers: Column[] = [
  peer(
    {
      name: "podman exec, as an ordinary user",
      how: "`podman exec -it -w DIR` (`-i` without a terminal) in a rootless container of `podman run --userns=keep-id --network=host -v REPOSITORY:REPOSITORY`",
      as: "ordinary",
    },
    (place) => startContainer(place, ["--userns=keep-id"]),
    podmanExec,
    "podman",
  ),
  peer(
    {
      name: "podman exec, as root",
      how: "the same in root's container",
      as: "root",
    },
    (place) => startContainer(place),
    podmanExec,
    "podman",
  ),
  peer(
    {
      name: "nsenter, as root",
      how: "`nsenter --target PID --mount --uts --ipc --pid --wdns=DIR` into root's container of `podman run`",
      as: "root",
    },
    (place) => startContainer(place),
    (place) => {
      const pid = place.must(["podman", "inspect", "--format", "{{.State.Pid}}", "box"]).trim();
      return (argv, { cwd }) => ["nsenter", "--target", pid, "--mount", "--uts", "--ipc", "--pid", `--wdns=${cwd}`, "--", ...argv];
    },
    "nsenter",
  ),
  peer(
    {
      name: "distrobox enter, as an ordinary user",
      how: "`distrobox enter NAME -- COMMAND` (`-T` without a terminal) in a box of `distrobox create`",
      as: "ordinary",
    },
    (place) => {
      place.must(["distrobox", "create", "--yes", "--image", IMAGE, "--name", "box"]);
      place.must(["distrobox", "enter", "-T", "box", "--", "true"]);
    },
    () =>
      (argv, { terminal }) => ["distrobox", "enter", ...(terminal ? [] : ["-T"]), "box", "--", ...argv],
    "distrobox",
  ),
  peer(
    {
      name: "toolbox run, as an ordinary user",
      how: "`toolbox run -c NAME COMMAND` in a container of `toolbox create`",
      as: "ordinary",
    },
    (place) => {
      startSystemBus();
      place.must(["toolbox", "-y", "create", "--image", IMAGE, "box"]);
      place.must(["toolbox", "run", "-c", "box", "true"]);
    },
    () => (argv) => ["toolbox", "run", "-c", "box", ...argv],
    "toolbox",
  ),
];

/** toolbox refuses to work without one. It stays, as it would on a machine that has it. */
function startSystemBus(): void {
  if (existsSync("/run/dbus/system_bus_socket") || process.getuid?.() !== 0) return;
  mkdirSync("/run/dbus", { recursive: true });
  spawnSync("dbus-daemon", ["--system", "--fork"]);
}
