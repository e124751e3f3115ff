import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import { Workshop } from "../support/workshop.ts";

const file = join(import.meta.dirname, "..", "..", "examples", "lab", "office.yaml");

describe.each(findPeople())("qpod lab, as $name", { timeout: 60_000 }, (person) => {
  let installation: Installation;
  let shop: Workshop;
  const lab = (...args: string[]) => shop.run([installation.qpod, "lab", ...args], { cwd: shop.home });

  beforeAll(async () => {
    installation = copyInstallation();
    shop = new Workshop(person, installation);
    const text = (await import("node:fs")).readFileSync(file, "utf8");
    shop.write("home/office.yaml", text);
    shop.write("home/bad.yaml", "hosts:\n  a:\n    foward: true\n");
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
    expect(lab("up", "none.yaml")).toMatchObject({ status: 125, stderr: "qpod: none.yaml: there is no such file\n" });
  });

  test("down ends all that ran in it, and leaves no file", () => {
    expect(lab("down")).toMatchObject({ status: 0, stdout: "ended lab office\n" });
    expect(lab("ps").stdout).toMatch(/^no lab is up/);
    expect(lab("run", "alice", "true")).toMatchObject({ status: 125, stderr: "qpod: no lab is up\n  `qpod lab up FILE` makes one.\n" });
    expect(readdirSync(join(shop.folder, "run", "qpod", "labs"))).toEqual([]);
  });
});
