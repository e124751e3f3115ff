import assert from "node:assert/strict";
import { LabError, withLab } from "../../src/lab/index.ts";
import { pairOfHosts } from "./networks.ts";

const server = `import socket
s = socket.create_server(("", 80))
c, who = s.accept()
c.sendall(b"hello")
c.close()`;
const ask = `import socket; print(socket.create_connection(("10.0.0.2", 80), 5).recv(99).decode())`;

export const traceCases: Record<string, (argument: string) => Promise<void>> = {
  async "a server is used as soon as it has called listen"() {
    await using net = pairOfHosts();
    await net.up();
    const traced = await net.host2("b").trace("python3", ["-c", server], { calls: ["%network"] });
    const call = await traced.called("listen");
    assert.equal(call.result, 0);
    assert.equal((await net.host2("a").run("python3", ["-c", ask])).stdout, "hello\n");
    assert.deepEqual(await traced.wait(), { exitCode: 0, signal: undefined });
    const names = traced.events.map((event) => (event.kind === "call" ? event.name : event.kind));
    assert.ok(names.includes("accept4") && names.includes("sendto"), names.join(" "));
    assert.equal(names.at(-1), "exit");
  },

  async "what descends from a traced command is traced, and nothing of the launcher's"() {
    await using net = pairOfHosts();
    await net.up();
    const traced = await net.host2("a").trace("sh", ["-c", "(exec hostname); exit 3"], { calls: ["%process"] });
    assert.deepEqual(await traced.wait(), { exitCode: 3, signal: undefined });
    const programs = traced.events.flatMap((event) => (event.kind === "exec" ? [event.argv[0]] : []));
    assert.deepEqual(programs, ["sh", "hostname"]);
    assert.equal(traced.stdout, "a\n");
    assert.equal(new Set(traced.events.map(({ pid }) => pid)).size, 2);
  },

  async "a call fails that is told to"() {
    await using net = pairOfHosts();
    await net.up();
    const traced = await net.host2("a").trace("python3", ["-c", ask], { calls: ["connect"], inject: { connect: "ECONNREFUSED" } });
    await traced.called((call) => call.name === "connect" && call.injected === true);
    assert.equal((await traced.wait()).exitCode, 1);
    assert.match(traced.stderr, /ConnectionRefusedError/);
  },

  async "who waits for a call that does not come is told so, and a failed test shows the last ones"() {
    const net = pairOfHosts();
    const failure = await withLab(net, async () => {
      const traced = await net
        .host2("a")
        .trace("python3", ["-c", "import socket; socket.socket().connect(('10.0.0.2', 81))"], { calls: ["%network"] });
      await traced.called("connect");
    }).catch((error: unknown) => error);
    assert.ok(failure instanceof LabError);
    assert.equal(failure.code, "state");
    assert.match(failure.message, /on a ended before it called connect/);
    assert.match(
      failure.message,
      /last system calls of what was traced\n[\s\S]*connect\(3, \{sa_family=AF_INET, sin_port=htons\(81\)[\s\S]*ECONNREFUSED/,
    );
  },
};
