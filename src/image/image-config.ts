import { readdirSync, readFileSync } from "node:fs";
import { QpodError } from "../base/errors.ts";
import type { ImageConfig } from "./root-tree.ts";

/** What of an OCI or docker image configuration counts for us; entry points and users do not. */
export function parseImageConfig(text: string, place: string): ImageConfig {
  const parsed = parseObject(text, place);
  const inner = isObject(parsed.config) ? parsed.config : {};
  const config: ImageConfig = { env: {} };
  for (const line of Array.isArray(inner.Env) ? inner.Env : []) {
    const [, name, value] = String(line).match(/^([^=]+)=(.*)$/s) ?? [];
    if (name !== undefined && value !== undefined) config.env[name] = value;
  }
  if (typeof inner.WorkingDir === "string" && inner.WorkingDir) config.workdir = inner.WorkingDir;
  if (typeof parsed.architecture === "string" && parsed.architecture) config.architecture = parsed.architecture;
  return config;
}

export function parseObject(text: string, place: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new QpodError({ fact: "the image is damaged: one of its descriptions is no JSON", place: { file: place }, cause });
  }
  if (isObject(parsed)) return parsed;
  throw new QpodError({ fact: "the image is damaged: one of its descriptions is no object", place: { file: place } });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const ociNames: Partial<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  arm64: "arm64",
  arm: "arm",
  ppc64: "ppc64le",
  riscv64: "riscv64",
  s390x: "s390x",
};

/** This machine's architecture in the OCI spelling. */
export function hostArchitecture(): string {
  return ociNames[process.arch] ?? process.arch;
}

/** Some run beside the machine's own without help. */
const siblings: Record<string, string[]> = { amd64: ["386"], arm64: ["arm"] };

const qemuNames: Record<string, string> = { amd64: "x86_64", "386": "i386", arm64: "aarch64" };

/** @throws QpodError when programs of that architecture cannot run here. */
export function checkArchitecture(architecture: string | undefined, what: string, interpreters = readInterpreters()): void {
  const host = hostArchitecture();
  if (!architecture || architecture === host || siblings[host]?.includes(architecture)) return;
  const qemu = qemuNames[architecture] ?? architecture;
  if (interpreters.includes(`qemu-${qemu}`)) return;
  throw new QpodError({
    fact: `${what} is for ${architecture}, this machine is ${host}`,
    remedy: `Choose one for ${host}, or install qemu-user-static to run it by emulation.`,
  });
}

/** The enabled emulators that the kernel starts for foreign programs. */
function readInterpreters(folder = "/proc/sys/fs/binfmt_misc"): string[] {
  try {
    return readdirSync(folder).filter(
      (name) => name.startsWith("qemu-") && readFileSync(`${folder}/${name}`, "latin1").startsWith("enabled"),
    );
  } catch {
    return [];
  }
}
