import { describe, expect, test } from "vitest";
import { formatError } from "../../../src/base/errors.ts";
import { bootstrapError, followOutput } from "../../../src/image/bootstrap-output.ts";
import type { Bootstrap } from "../../../src/image/mirrors.ts";

const root: Bootstrap = { kind: "bootstrap", distribution: "debian", release: "buster", packages: ["make"], components: ["main"] };
const mirror = { uri: "http://deb.debian.org/debian", archived: false };

describe("why a bootstrap failed", () => {
  test.each([
    ["E: Unable to locate package pythn2\nE: mmdebstrap failed to run", /has no package pythn2/],
    ["E: Package 'python2' has no installation candidate", /has no package python2/],
    ["E: Couldn't find these debs: foo bar", /has no package foo bar/],
    [
      "E: Failed to fetch http://deb.debian.org/debian/pool/main/g/gcc-8/gcc-8_8.3.0-6_amd64.deb  404  Not Found [IP: 1.2.3.4 80]",
      /no longer has all of debian buster: gcc-8_8.3.0-6_amd64.deb is missing/,
    ],
    [
      "E: Failed to fetch http://deb.debian.org/debian/dists/buster/main/binary-amd64/Packages  404  Not Found",
      /no longer has all of debian buster: Packages is missing/,
    ],
    ["E: Couldn't download packages: libc6 make", /libc6 make is missing/],
    [
      "W: GPG error: http://x buster InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 648ACFD622F3D138",
      /signature .* cannot be checked: NO_PUBKEY 648ACFD622F3D138/,
    ],
    ["E: Release signed by unknown key (key id EF0F382A1A7B6500)", /cannot be checked: signed by unknown key/],
    ["E: Release file for http://x/InRelease is expired (invalid since 3d)", /http:\/\/x\/InRelease is out of date/],
    [
      " gdb : Depends: libpython3.7 but it is not installable\nE: Unable to correct problems",
      /cannot install gdb: it needs libpython3.7 but it is not installable/,
    ],
    ["dpkg: error processing archive: No space left on device", /disk .* is full/],
    ["E: No such script: /usr/share/debootstrap/scripts/nosuch", /does not know the release nosuch/],
    ["E: Failed to fetch http://x/InRelease  Could not resolve 'x'", /http:\/\/x\/InRelease cannot be fetched: Could not resolve 'x'/],
    [
      "I: fine\nE: setup_mounts failed: E: mount /dev/pts failed\nI: main() received signal PIPE\nE: mmdebstrap failed to run",
      /failed: setup_mounts failed/,
    ],
  ])("%s", (output, fact) => {
    expect(bootstrapError(output, root, mirror).fact).toMatch(fact);
  });

  test("a package that left the mirror comes with what to do", () => {
    const error = bootstrapError("E: Failed to fetch http://x/a_1.deb  404  Not Found", root, mirror);
    expect(formatError(error).split("\n")[1]).toContain("Choose another mirror with `mirror:`");
  });
});

test("progress counts packages over both rounds of an installation", () => {
  const said: string[] = [];
  const follow = followOutput({ step() {}, update: (text) => said.push(text), warn() {}, end() {} });
  const lines = [
    "Get:1 http://deb.debian.org/debian bullseye InRelease [75.1 kB]",
    "0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.",
    "Get:1 http://deb.debian.org/debian bullseye/main amd64 libc6 amd64 2.31-13 [2800 kB]",
    "Setting up libc6:amd64 (2.31-13) ...",
    "0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.",
    "Get:1 http://deb.debian.org/debian bullseye/main amd64 make amd64 4.3 [396 kB]",
    "Setting up make (4.3) ...",
  ];
  for (const line of lines) follow(line);
  expect(said).toEqual(["fetching libc6 (1 of 1)", "installing libc6 (1 of 1)", "fetching make (2 of 2)", "installing make (2 of 2)"]);
});
