import { describe, expect, test } from "vitest";
import { formatReference, isLoopback, parseReference } from "../../../src/image/reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("reading a reference", () => {
  test.each([
    ["debian", "docker.io/library/debian:latest"],
    ["debian:11", "docker.io/library/debian:11"],
    ["team/tool", "docker.io/team/tool:latest"],
    ["docker.io/debian", "docker.io/library/debian:latest"],
    ["index.docker.io/debian", "docker.io/library/debian:latest"],
    ["registry.example.com/mmsx:2018.3", "registry.example.com/mmsx:2018.3"],
    ["localhost/x", "localhost/x:latest"],
    ["localhost:5000/a/b_c/d-e:t", "localhost:5000/a/b_c/d-e:t"],
    ["[::1]:5000/a", "[::1]:5000/a:latest"],
    [`quay.io/a/b:tag@${digest}`, `quay.io/a/b@${digest}`],
  ])("%s means %s", (text, whole) => {
    expect(formatReference(parseReference(text))).toBe(whole);
  });

  test.each([
    ["", /it is empty/],
    ["https://registry.example.com/x", /begins with https:\/\//],
    ["docker://debian", /begins with docker:\/\//],
    ["docker-archive:/tmp/x.tar", /names a file/],
    ["registry.example.com/Team/Tool", /"Team" has capital letters/],
    ["a b", /space/],
    ["debian:", /"" is no tag/],
    ["debian:-x", /"-x" is no tag/],
    [`debian:${"x".repeat(129)}`, /is no tag/],
    ["debian@sha256:12", /is no digest/],
    [`debian@${digest}@${digest}`, /more than one @/],
    ["registry.example.com//x", /a part of its name is empty/],
    ["registry.example.com/", /a part of its name is empty/],
    ["-x.example.com/a", /is no host/],
    ["../../etc", /is no host/],
    ["a/../b", /cannot be part of its name/],
  ])("%s is refused, saying why", (text, why) => {
    expect(() => parseReference(text)).toThrow(why);
  });

  test("only this machine is loopback", () => {
    expect(["localhost", "localhost:5000", "127.0.0.1:5000", "127.1.2.3", "[::1]:5000"].every(isLoopback)).toBe(true);
    expect(["127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "docker.io"].some(isLoopback)).toBe(false);
  });
});
