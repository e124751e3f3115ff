import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, call, close, hasTools, makeCallers, prepare, publicFolder } from "./callers.ts";

const able = hasTools("skopeo", "umoci", "docker-registry", "htpasswd", "setpriv");
const callers = able ? makeCallers() : [];
let stop = () => {};
let host = "";
const [user, password] = ["engineer", "correct horse"];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

beforeAll(async () => {
  if (!able) return;
  const folder = publicFolder();
  host = `127.0.0.1:${await freePort()}`;
  writeFileSync(join(folder, "htpasswd"), execFileSync("htpasswd", ["-Bbn", user, password]));
  const config = `version: 0.1
storage: { filesystem: { rootdirectory: ${folder}/store } }
http: { addr: "${host}" }
auth: { htpasswd: { realm: test, path: ${folder}/htpasswd } }
`;
  writeFileSync(join(folder, "config.yml"), config);
  const child = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
  stop = () => child.kill();
  for (let i = 0; i < 100; i++) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer?.status === 401) break;
    await sleep(50);
  }
  pushImage(folder);
}, 60_000);

afterAll(() => {
  stop();
  close();
});

function pushImage(folder: string): void {
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/make"), "#!/bin/sh\n", { mode: 0o755 });
  const image = `${folder}/layout:old`;
  execFileSync("umoci", ["init", "--layout", `${folder}/layout`]);
  execFileSync("umoci", ["new", "--image", image]);
  execFileSync("umoci", ["insert", "--image", image, join(folder, "bin"), "/bin"]);
  execFileSync("umoci", ["config", "--image", image, "--config.env", "PATH=/bin"]);
  execFileSync("skopeo", [
    "copy",
    "-q",
    "--dest-creds",
    `${user}:${password}`,
    "--dest-tls-verify=false",
    `oci:${image}`,
    `docker://${host}/old/tool:1`,
  ]);
}

describe.each(callers)("a registry that asks for a login, for $name", (caller: Caller) => {
  const image = (name: string) => prepare(caller, { kind: "image", reference: name });

  test("without one, the error says how to log in", async () => {
    expect((await image(`${host}/old/tool:1`)).error).toBe(
      `qpod: ${host} asks for a login before it gives ${host}/old/tool:1\n  Log in: qpod login ${host}`,
    );
  });

  test("a wrong password is named as that", async () => {
    expect((await call(caller, "login", host, user, "wrong")).error).toContain(`${host} does not accept the name and password`);
  });

  test("after a login the image is pulled, and its files belong to the user's tree", async () => {
    expect((await call(caller, "login", host, user, password)).error).toBeUndefined();
    const { prepared, error, said } = await image(`${host}/old/tool:1`);
    expect(error).toBeUndefined();
    expect(said.join("\n")).toMatch(/pulling .*\n {2}\d+ (of \d+ )?MB/);
    expect(prepared).toMatchObject({ programs: ["make"], config: { env: { PATH: "/bin" } } });
    expect(prepared?.identity).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(prepared?.tree?.ownership).toBe(caller.ownership);
    expect(statSync(join(prepared?.tree?.folder ?? "", "bin/make")).uid).toBe(caller.uid);
  });

  test("a second time nothing is pulled", async () => {
    const { prepared, said } = await image(`${host}/old/tool:1`);
    expect(prepared?.programs).toEqual(["make"]);
    expect(said).toEqual([]);
  });

  test("a tag that is not there", async () => {
    expect((await image(`${host}/old/tool:2`)).error).toContain(`${host} has no image ${host}/old/tool:2`);
  });

  test("a registry that is not there", async () => {
    const port = await freePort();
    expect((await image(`127.0.0.1:${port}/x`)).error).toContain(`127.0.0.1:${port} cannot be reached: `);
    expect((await image("nowhere.invalid/x")).error).toContain("nowhere.invalid cannot be reached: ");
  });

  test("a name that cannot be one", async () => {
    expect((await image(`${host}/Old/Tool`)).error).toContain('"Old" has capital letters');
  });
});

test.skipIf(!able)("plain HTTP is only taken from this machine", () => {
  // The same address under a name that is not known as loopback.
  const { status, stderr } = spawnSync("skopeo", ["inspect", `docker://${host}/old/tool:1`], { encoding: "utf8" });
  expect(status).not.toBe(0);
  expect(stderr).toContain("server gave HTTP response to HTTPS client");
});
