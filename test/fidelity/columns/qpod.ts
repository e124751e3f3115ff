import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { whyNoDocker } from "../../support/docker-daemon.ts";
import { type EngineName, Sandbox } from "../../support/sandbox.ts";
import type { Column, Kit, Way } from "../way.ts";
import { furnish } from "./workplace.ts";

const COMMANDS = "[vi, less]";

const qpod = (engine: EngineName, as: "root" | "ordinary"): Column => ({
  name: `qpod ${engine}, as ${as === "root" ? "root" : "an ordinary user"}`,
  how: `in a session of \`qpod-shell\`, \`engine: ${engine}\`: the command is typed as it is`,
  kind: "qpod",
  as,
  open: (kit) => openSession(kit, engine, as),
});

export async function openSession(kit: Kit, engine: EngineName, as: "root" | "ordinary"): Promise<Way> {
  const person = kit[as];
  const missing = engine === "docker" ? whyNoDocker() : undefined;
  if (missing) throw new Error(`docker: ${missing}`);
  const sandbox = new Sandbox({ engine, person, title: "" }, kit.installation);
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
  qpod("embedded", "root"),
  qpod("embedded", "ordinary"),
  qpod("podman", "ordinary"),
  qpod("podman", "root"),
  qpod("docker", "root"),
];
