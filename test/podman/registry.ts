import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Registry {
  /** host:port */
  host: string;
  user: string;
  password: string;
  stop(): void;
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A real registry on loopback, which asks for a login unless it is open to all. */
export async function startRegistry(open = false): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "qpod-registry-"));
  const [user, password] = ["engineer", "correct horse"];
  const port = await freePort();
  const passwords = join(folder, "htpasswd");
  writeFileSync(passwords, execFileSync("htpasswd", ["-Bbn", user, password]));
  const config = join(folder, "config.yml");
  writeFileSync(
    config,
    `version: 0.1
storage: { filesystem: { rootdirectory: ${folder}/store } }
http: { addr: "127.0.0.1:${port}" }
${open ? "" : `auth: { htpasswd: { realm: test, path: ${passwords} } }`}
`,
  );
  chmodSync(folder, 0o700);
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  const host = `127.0.0.1:${port}`;
  for (let i = 0; i < 100; i++) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer?.status === (open ? 200 : 401)) break;
    await sleep(50);
  }
  return {
    host,
    user,
    password,
    stop() {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
