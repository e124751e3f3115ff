import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { whyNoDocker } from "../../support/docker-daemon.ts";
import { type EngineName, Sandbox, type Setting } from "../../support/sandbox.ts";
import type { As, Column, Kit, Way } from "../way.ts";
import { who } from "./native.ts";
import { furnish } from "./workplace.ts";

const COMMANDS = "[vi, less]";

type Variant = Pick<Setting, "isServed" | "isPodmans">;

const qpod = (name: string, how: string, engine: EngineName, as: As, variant: Variant = {}, note?: string): Column => ({
  ...(note ? { note } : {}),
  name: `qpod ${name}, as ${who[as]}`,
  how: `in a session of \`qpod-shell\`, ${how}: the command is typed as it is`,
  kind: "qpod",
  as,
  open: (kit) => openSession(kit, engine, as, variant),
});

async function openSession(kit: Kit, engine: EngineName, as: As, variant: Variant): Promise<Way> {
  const person = kit.person(as);
  const missing = engine === "docker" ? whyNoDocker() : undefined;
  if (missing) throw new Error(`docker: ${missing}`);
  const sandbox = new Sandbox({ engine, person, title: "", ...variant }, kit.installation);
  try {
    const root = engine !== "embedded" ? `archive: ${await kit.archive()}` : `rootfs: ${kit.tree}`;
    sandbox.write("home/.config/qpod/environments/old.yaml", `${root}\nengine: ${engine}\ncommands: ${COMMANDS}\n`);
    sandbox.makeRepository();
    sandbox.must([sandbox.qpod, "init", "old"]);
    const elsewhere = sandbox.makeFolder("elsewhere");
    mkdirSync(elsewhere, { recursive: true });
    furnish(kit, person, sandbox.repository, elsewhere);
    sandbox.must([sandbox.qpod, "up"]);
    const variables = sandbox.must([join(kit.installation.folder, "bin/qpod-shell"), "-c", "env -0"]);
    const env = Object.fromEntries(
      variables
        .split("\0")
        .filter(Boolean)
        .map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]),
    );
    for (const name of ["SHLVL", "_", "OLDPWD", "PWD"]) delete env[name];
    return { person, env, repository: sandbox.repository, elsewhere, enter: (argv) => [...argv], close: () => sandbox.remove() };
  } catch (error) {
    sandbox.remove();
    throw error;
  }
}

export const sessions: Column[] = [
  qpod("embedded", "`engine: embedded`", "embedded", "root"),
  qpod("embedded", "`engine: embedded`", "embedded", "ordinary"),
  qpod("podman", "`engine: podman`, rootless", "podman", "ordinary"),
  qpod("podman", "`engine: podman`", "podman", "root"),
  qpod("docker", "`engine: docker`", "docker", "root"),
  qpod("docker", "`engine: docker`, the container's files lent", "docker", "member"),
  qpod("podman as root", "root's podman by its socket, the container's files lent", "docker", "member", { isPodmans: true }),
  qpod("docker through the in-pod helper", "`engine: docker`, each command served by the pod's first process", "docker", "member", {
    isServed: true,
  }),
];
