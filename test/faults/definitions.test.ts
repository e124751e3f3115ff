import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectError, OLD, withSandbox } from "./fault.ts";

withSandbox("definitions that cannot be used", (sandbox) => {
  const file = (name: string) => join(sandbox().home, ".config/qpod/environments", `${name}.yaml`);

  test("an unknown environment is met with the one that was meant", () => {
    expectError(sandbox().command(["init", "odl"]), 125, 'there is no environment "odl"', 'Did you mean "old"');
    expectError(
      sandbox().command(["run", "--env", "nothing-like-it", "true"]),
      125,
      'there is no environment "nothing-like-it"',
      "qpod env add",
    );
  });

  test("a definition is its owner's to write, whatever the umask", () => {
    sandbox().must(["sh", "-c", 'umask 000; "$0" env add open --host', sandbox().qpod]);
    expect(statSync(file("open")).mode & 0o777).toBe(0o644);
    sandbox().must([sandbox().qpod, "env", "remove", "open"]);
  });

  test("malformed YAML is reported with its file, line and column", () => {
    sandbox().write("home/.config/qpod/environments/bad.yaml", "image: x\ncommands: [a\n");
    expectError(sandbox().command(["init", "bad"]), 125, new RegExp(`^qpod: ${file("bad")}:\\d+:\\d+: this is not valid YAML`));
    expect(sandbox().command(["env", "list"]).stdout).toMatch(/bad +cannot be used/);
  });

  test("a definition that breaks after it was bound stops its commands, and does not send them to the host", async () => {
    const before = readFileSync(file("old"), "utf8");
    sandbox().write("home/.config/qpod/environments/old.yaml", `${before}comands: [x]\n`);
    // The policy still holds; what is compiled anew says what is wrong.
    expectError(
      sandbox().command(["up"]),
      125,
      new RegExp(`${file("old")}:\\d+:1: "comands" is not known here`),
      'Did you mean "commands"',
    );
    sandbox().command(["refresh"]);
    const outcome = await sandbox().session("make");
    expectError(outcome, 125, '"comands" is not known here');
    expect(outcome.stdout).toBe("");
    sandbox().write("home/.config/qpod/environments/old.yaml", before);
    sandbox().command(["refresh"]);
    expect(await sandbox().say("make")).toContain(OLD);
  });

  test("an image that cannot be pulled stops the command, and says how to go on", async () => {
    sandbox().write("home/.config/qpod/environments/far.yaml", "image: localhost:1/mmsx:2018.3\n");
    const other = sandbox().makeRepository(join(sandbox().home, "src", "far"));
    sandbox().write("home/src/far/Makefile", "all:\n\t@gcc -dumpfullversion\n");
    sandbox().must([sandbox().qpod, "init", "far"], other);
    const outcome = await sandbox().session("make", { cwd: other });
    expect(outcome.status).toBe(125);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).toMatch(/^qpod: .*localhost:1/);
    expect(outcome.stderr.trim().split("\n").length).toBeLessThanOrEqual(3);
  });

  test("a root filesystem that is gone stops the command", async () => {
    sandbox().write("home/.config/qpod/environments/gone.yaml", "rootfs: /no/such/root\n");
    const other = sandbox().makeRepository(join(sandbox().home, "src", "gone"));
    sandbox().must([sandbox().qpod, "init", "gone"], other);
    sandbox().write("home/src/gone/Makefile", "all:\n\t@gcc -dumpfullversion\n");
    expectError(await sandbox().session("make", { cwd: other }), 125, /\/no\/such\/root.*there is no such folder/);
  });
});
