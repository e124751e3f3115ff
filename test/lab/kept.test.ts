import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { asPerson, findPeople } from "../support/person.ts";
import { testRootfs } from "../support/rootfs.ts";
import { Workshop } from "../support/workshop.ts";

const file = join(import.meta.dirname, "..", "..", "examples", "lab", "office.yaml");

const mixed = `hosts:
  old: {root: {environment: old}}
  now:
links:
  - between: [old, now]
    addresses: {old: 10.0.0.1/24, now: 10.0.0.2/24}
`;

describe.each(findPeople())("qpod lab, as $name", { timeout: 60_000 }, (person) => {
  let installation: Installation;
  let shop: Workshop;
  let rootfs: string;
  const lab = (...args: string[]) => shop.run([installation.qpod, "lab", ...args], { cwd: shop.home });

  beforeAll(async () => {
    installation = copyInstallation();
    shop = new Workshop(person, installation);
    shop.write("home/office.yaml", readFileSync(file, "utf8"));
    shop.write("home/bad.yaml", "hosts:\n  a:\n    foward: true\n");
    shop.write("home/mixed.yaml", mixed);
    shop.write("home/unknown.yaml", "hosts:\n  a: {root: {environment: older}}\n");
    rootfs = await testRootfs();
    shop.write("home/.config/qpod/environments/old.yaml", `rootfs: ${rootfs}\n`);
  });
  afterAll(() => {
    lab("down", "--all");
    shop.remove();
    installation.remove();
  });

  test("a lab is made from its file, and stays", () => {
    expect(lab("up", "office.yaml")).toMatchObject({ status: 0, stderr: "", stdout: "lab office is up: alice, bob, router, server\n" });
    expect(lab("run", "alice", "ping", "-n", "-c1", "-W2", "server").stdout).toMatch(/1 received/);
    expect(lab("run", "bob", "sh", "-c", "hostname; exit 7")).toMatchObject({ status: 7, stdout: "bob\n" });
    expect(shop.run([installation.qpod, "lab", "run", "bob", "cat"], { cwd: shop.home, input: "words" }).stdout).toBe("words");
  });

  test("root's programs are found in it, which an ordinary user's PATH leaves out", () => {
    expect(lab("run", "alice", "tc", "-V")).toMatchObject({ status: 0, stderr: "" });
    expect(shop.env.PATH).not.toContain("sbin");
  });

  test("what runs in it is listed with its host", () => {
    lab("run", "server", "sh", "-c", "sleep 1000 > /dev/null 2>&1 &");
    const [one] = JSON.parse(lab("ps", "--json").stdout);
    expect(one).toMatchObject({ name: "office", hosts: ["alice", "bob", "router", "server"] });
    expect(one.commands).toMatchObject([{ host: "server", command: "sleep 1000" }]);
    expect(lab("ps").stdout).toMatch(/^LAB +PID +HOSTS +FILE\noffice +\d+ +4 .*office\.yaml\n {2}office\/server {2}\d+ {2}sleep 1000\n$/);
  });

  test("a shell in it has the host's name and network", () => {
    const { stdout } = shop.run([installation.qpod, "lab", "shell", "router"], {
      cwd: shop.home,
      input: "hostname; cat /proc/sys/net/ipv4/ip_forward\n",
    });
    expect(stdout).toBe("router\n1\n");
  });

  test("a lab that is up, or a file, is drawn", () => {
    expect(lab("graph").stdout).toMatch(/^\[lan\]\n├─ eth0 10\.0\.1\.11\/24 fd01::11\/64 ── alice\n/);
    expect(lab("graph", "mixed.yaml").stdout).toBe("old (root: old)\n└─ eth0 10.0.0.1/24 ── eth0 10.0.0.2/24 ── now\n");
    expect(lab("graph", "mixed.yaml", "--svg").stdout).toMatch(/^<svg [\s\S]*>now<\/text>[\s\S]*<\/svg>\n$/);
  });

  test("a host of a file has an environment as its root, and of several labs one is named", () => {
    expect(lab("up", "mixed.yaml")).toMatchObject({ status: 0, stderr: "", stdout: "lab mixed is up: old, now\n" });
    const ran = lab("run", "--lab", "mixed", "old", "--", "sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME; touch /etc/lab-was-here");
    expect(ran).toMatchObject({ status: 0, stderr: "", stdout: "bullseye\n" });
    expect(existsSync(join(rootfs, "etc/lab-was-here"))).toBe(false);
    expect(lab("run", "--lab", "mixed", "now", "ping", "-n", "-c1", "-W2", "old").stdout).toMatch(/1 received/);
    const shell = [installation.qpod, "lab", "shell", "--lab", "mixed", "old"];
    expect(shop.run(shell, { cwd: shop.home, input: "hostname; gcc -dumpversion\n" }).stdout).toBe("old\n10\n");
    expect(lab("run", "alice", "true").stderr).toBe("qpod: 2 labs are up\n  Say which: --lab mixed or office.\n");
    expect(lab("down").stderr).toBe("qpod: 2 labs are up\n  Say which: qpod lab down mixed or office.\n");
    expect(lab("down", "mixed")).toMatchObject({ status: 0, stdout: "ended lab mixed\n" });
    expect(lab("up", "unknown.yaml")).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(/^qpod: unknown\.yaml:2:13: the root of "a": there is no environment "older"\n {2}`qpod env list`/),
    });
  });

  test("of two that make the same lab at once, one is told that it is up", async () => {
    const up = () =>
      new Promise<string>((resolve) => {
        const [program, ...args] = asPerson(person, [installation.qpod, "lab", "up", "mixed.yaml"]);
        const child = spawn(program, args, { cwd: shop.home, env: shop.env, stdio: ["ignore", "pipe", "pipe"] });
        let said = "";
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
        child.on("close", () => resolve(said));
      });
    const [first, second] = (await Promise.all([up(), up()])).sort();
    expect(first).toBe("lab mixed is up: old, now\n");
    expect(second).toMatch(/^qpod: the lab mixed is up already/);
    expect(lab("down", "mixed").status).toBe(0);
  });

  test("what cannot be is said in three lines at most", () => {
    expect(lab("up", "office.yaml")).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(/^qpod: the lab office is up already\n {2}Take it down first/),
    });
    expect(lab("run", "alise", "true")).toMatchObject({
      status: 125,
      stderr: 'qpod: the lab office has no host "alise"\n  Did you mean "alice"?\n',
    });
    expect(lab("up", "bad.yaml")).toMatchObject({
      status: 125,
      stderr: 'qpod: bad.yaml:3:5: "foward" is not known in "a"\n  Did you mean "forward"?\n',
    });
    expect(lab("up", "--name", "../x", "mixed.yaml")).toMatchObject({
      status: 125,
      stderr: 'qpod: a lab cannot be named "../x"\n  As "office-2".\n',
    });
    expect(lab("up", "none.yaml")).toMatchObject({ status: 125, stderr: "qpod: none.yaml: there is no such file\n" });
  });

  test("down ends all that ran in it, and leaves no file", () => {
    expect(lab("down")).toMatchObject({ status: 0, stdout: "ended lab office\n" });
    expect(lab("ps").stdout).toMatch(/^no lab is up/);
    expect(lab("run", "alice", "true")).toMatchObject({ status: 125, stderr: "qpod: no lab is up\n  `qpod lab up FILE` makes one.\n" });
    expect(readdirSync(join(shop.folder, "run", "qpod", "labs"))).toEqual([]);
  });
});
