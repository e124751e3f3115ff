import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Person } from "../../support/person.ts";
import { PROBE } from "../visit.ts";
import type { Kit } from "../way.ts";

/** Puts the programs where a way needs them: the probe into the repository, all of them where only the host has them. */
export function furnish(kit: Kit, person: Person, repository: string, elsewhere: string): void {
  for (const [source, path] of [
    [kit.programs.probe, join(repository, PROBE)],
    [kit.programs.probe, join(elsewhere, PROBE)],
    [kit.programs.caller, join(elsewhere, "fidelity-caller")],
    ["/usr/bin/make", join(elsewhere, "outer-make")],
  ] as const) {
    copyFileSync(source, path);
    chmodSync(path, 0o755);
    chownSync(path, person.uid, person.gid);
  }
}

/** What a peer is tried with: a folder in the person's real home, which distrobox and toolbox bring inside. */
export interface Place {
  folder: string;
  repository: string;
  elsewhere: string;
  env: Record<string, string>;
  /** Runs a command as the person to its end; its output. */
  must(argv: readonly string[], patience?: number): string;
  remove(): void;
}

export function makePlace(kit: Kit, person: Person, home: string): Place {
  const folder = mkdtempSync(join(home, "qpod-fidelity-"));
  const elsewhere = mkdtempSync("/var/tmp/qpod-fidelity-");
  const repository = join(folder, "repository");
  const run = join(folder, "run");
  for (const path of [repository, run, join(folder, "state")]) mkdirSync(path, { mode: 0o700 });
  for (const path of [folder, elsewhere, repository, run, join(folder, "state")]) chownSync(path, person.uid, person.gid);
  furnish(kit, person, repository, elsewhere);
  const env = { ...podmanVariables(folder, run), HOME: home, USER: person.name, LOGNAME: person.name, PATH, TERM: "xterm-256color" };
  return {
    folder,
    repository,
    elsewhere,
    env: { ...env, LANG: "C.UTF-8", SHELL: "/bin/bash", XDG_RUNTIME_DIR: run, XDG_DATA_HOME: join(folder, "data") },
    must([program = "", ...args], patience = 120_000) {
      const who = ["--reuid", String(person.uid), "--regid", String(person.gid), "--init-groups", "--", program, ...args];
      return execFileSync("setpriv", who, {
        cwd: folder,
        env: this.env,
        encoding: "utf8",
        timeout: patience,
        stdio: ["ignore", "pipe", "pipe"],
      });
    },
    remove: () => execFileSync("rm", ["-rf", folder, elsewhere]),
  };
}

const PATH = "/usr/local/bin:/usr/bin:/bin";

/** A store of its own, and what lets podman work where there is no systemd session and control groups are of version 1. */
function podmanVariables(folder: string, run: string): Record<string, string> {
  const [storage, containers, store] = [join(folder, "storage.conf"), join(folder, "containers.conf"), join(folder, "store")];
  writeFileSync(
    storage,
    `[storage]\ndriver = "overlay"\ngraphroot = "${store}"\nrootless_storage_path = "${store}"\nrunroot = "${run}/containers"\n`,
  );
  writeFileSync(containers, `[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\ntmp_dir = "${run}/libpod"\n`);
  return { CONTAINERS_STORAGE_CONF: storage, CONTAINERS_CONF: containers };
}
