import { expect, test } from "vitest";
import { formatError } from "../../../src/base/errors.ts";
import { parseReference } from "../../../src/image/reference.ts";
import { classifyPullFault, pullError } from "../../../src/image/registry-errors.ts";

test.each([
  ["login", "initializing source docker://h/x:1: reading manifest 1 in h/x: unauthorized: authentication required"],
  ["login", "Error: initializing source docker://docker.io/library/nope:latest: requested access to the resource is denied"],
  ["password", 'Error: logging into "h": invalid username/password'],
  ["missing", "reading manifest nope in 127.0.0.1:5000/bullseye: manifest unknown: manifest unknown"],
  ["missing", "reading manifest latest in h/x: name unknown: repository name not known to registry"],
  ["unreachable", 'pinging container registry h: Get "https://h/v2/": dial tcp: lookup h: no such host'],
  [
    "unreachable",
    'pinging container registry localhost:1: Get "http://localhost:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
  ],
  ["plain", 'pinging container registry h:5000: Get "https://h:5000/v2/": http: server gave HTTP response to HTTPS client'],
  ["certificate", 'pinging container registry h: Get "https://h/v2/": x509: certificate signed by unknown authority'],
  ["limit", "reading manifest latest in docker.io/library/debian: toomanyrequests: You have reached your pull rate limit"],
  ["architecture", 'choosing image: no image found in manifest list for architecture amd64, variant "", OS linux'],
  ["full", "writing blob: storing blob to file: write /x: no space left on device"],
  ["unknown", "something else"],
] as const)("%s: %s", (fault, stderr) => {
  expect(classifyPullFault(stderr)).toBe(fault);
});

test("a login that is missing is an error with the command that makes it", () => {
  const error = pullError(parseReference("registry.example.com/mmsx:2018.3"), "unauthorized: authentication required");
  expect(formatError(error)).toBe(
    "qpod: registry.example.com asks for a login before it gives registry.example.com/mmsx:2018.3\n  Log in: qpod login registry.example.com",
  );
});
