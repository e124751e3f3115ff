import { spawnSync } from "node:child_process";
import { chownSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tlsOptions } from "../../src/image/registry.ts";
import { bullseyeTarball, type Caller, callEngine, canRun, cleanUp, makeCallers, podman, runAs } from "./harness.ts";
import { freePort, type Registry, startRegistry } from "./registry.ts";

const able = canRun && spawnSync("sh", ["-c", "command -v docker-registry && command -v htpasswd"]).status === 0;
const callers = able ? makeCallers() : [];

describe.each(callers)("images of a registry that asks for a login, as $name", (caller: Caller) => {
  let registry: Registry;
  let reference = "";
  let imageId = "";
  const environment = (name: string) => ({
    name: "mmsx",
    place: { file: "/nowhere/mmsx.yaml", line: 1 },
    root: { kind: "image", reference: name },
  });
  // podman and skopeo look there; a test must not touch anybody's real logins.
  const authFile = { REGISTRY_AUTH_FILE: join(caller.env.XDG_DATA_HOME ?? "", "auth.json") };
  const prepare = (name = reference) => callEngine(caller, "prepare", environment(name), authFile);
  const login = (password: string) => {
    const options = ["--username", registry.user, "--password", password, ...tlsOptions(registry.host)];
    return runAs(caller, ["podman", "login", ...options, registry.host], authFile);
  };

  beforeAll(async () => {
    registry = await startRegistry();
    writeFileSync(authFile.REGISTRY_AUTH_FILE, "{}");
    chownSync(authFile.REGISTRY_AUTH_FILE, caller.uid, caller.gid);
    reference = `${registry.host}/old/mmsx:2018.3`;
    const change = ["--change", "ENV PATH=/opt/tools/bin:/usr/bin:/bin", "--change", "WORKDIR /srv"];
    imageId = podman(caller, "import", "--quiet", ...change, bullseyeTarball(), reference);
    const credentials = ["--creds", `${registry.user}:${registry.password}`];
    podman(caller, "push", "--quiet", "--tls-verify=false", ...credentials, reference);
    podman(caller, "rmi", imageId);
  }, 300_000);

  afterAll(() => {
    registry?.stop();
    cleanUp(caller, [], [imageId.replace("sha256:", "")]);
  }, 60_000);

  it("says to log in when nobody has", () => {
    const { error } = prepare();
    expect(error).toContain(`qpod: ${registry.host} asks for a login before it gives ${reference}\n  Log in: qpod login ${registry.host}`);
  }, 30_000);

  it("refuses a wrong password", () => {
    const result = login("wrong");
    expect(result.status).not.toBe(0);
    expect(result.stderr).toMatch(/invalid username\/password|unauthorized/);
  });

  it("pulls with progress after the login", () => {
    expect(login(registry.password).status).toBe(0);
    const { result, error, said } = prepare();
    expect(error).toBeUndefined();
    expect(result.config).toMatchObject({ env: { PATH: "/opt/tools/bin:/usr/bin:/bin" }, workdir: "/srv" });
    expect(result.programs).toContain("dpkg");
    expect(said[0]).toBe(`pulling ${reference}`);
    expect(said).toContainEqual(expect.stringMatching(/^ {2}\d+( of \d+)? MB/));
  }, 60_000);

  it("leaves no half pulled blob behind", () => {
    const data = join(caller.env.XDG_DATA_HOME ?? "", "qpod");
    expect(readdirSync(data).filter((name) => name.startsWith("pull-"))).toEqual([]);
  });

  it("names an unknown tag", () => {
    const unknown = `${registry.host}/old/mmsx:2019.9`;
    expect(prepare(unknown).error).toContain(`qpod: ${registry.host} has no image ${unknown}\n`);
  }, 30_000);

  it("names a registry that cannot be reached", async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const { error } = prepare(`${host}/old/mmsx:1`);
    expect(error).toContain(`qpod: ${host} cannot be reached: `);
    expect(error).toContain("connection refused");
  }, 60_000);

  it("has an image of the user's own without asking a registry", () => {
    const own = `localhost/qpod-test-own-${caller.uid}`;
    podman(caller, "tag", imageId, own);
    expect(prepare(own).said).toEqual(["looking into mmsx"]);
    podman(caller, "untag", imageId, own);
  }, 30_000);
});

if (callers.length === 0) it.skip("registries by podman: needs root, podman and docker-registry");
