import { expect, test } from "vitest";
import { expectError, withSandbox } from "./fault.ts";

withSandbox("limits of the caller's", (sandbox) => {
  const under = (limit: string, ...argv: string[]) => {
    const { status, stdout, stderr } = sandbox().run(["prlimit", limit, ...argv]);
    return { status: status ?? -1, stdout, stderr };
  };

  test("too few open files for Node are told before it aborts, and what needs no Node works", () => {
    expectError(under("--nofile=16", sandbox().qpod, "status"), 125, "the limit of 16 open files", "ulimit -n");
    expectError(under("--nofile=16", "qpod-shell", "make"), 125, "the limit of 16 open files", "ulimit -n");
    expect(under("--nofile=16", sandbox().qpod, "--help")).toMatchObject({ status: 0, stderr: "" });
    sandbox().must([sandbox().qpod, "up"]);
    expect(under("--nofile=16", sandbox().qpod, "run", "make", "--version")).toMatchObject({ status: 0, stderr: "" });
  });

  test("too few processes for Node are told, for it would wait for its threads for ever", () => {
    const outcome = under("--nproc=1", sandbox().qpod, "status");
    if (sandbox().person.uid === 0) expect(outcome).toMatchObject({ status: 0, stderr: "" });
    else expectError(outcome, 125, "the limit of 1 allows", "ulimit -u");
  });

  test("options of the user's for Node are for their own programs", async () => {
    const env = { NODE_OPTIONS: "--no-such-option" };
    expect(sandbox().command(["status"], { env })).toMatchObject({ status: 0, stderr: "" });
    const { stdout } = sandbox().run(["qpod-shell", "-c", "echo $NODE_OPTIONS"], { env: { ...sandbox().env, ...env } });
    expect(stdout).toBe("--no-such-option\n");
  });
});
