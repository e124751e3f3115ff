import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A distribution's archive on this machine: real packages, a release that is out of date, a signature of ours. */
export interface LocalArchive {
  uri: string;
  /** The key that signed it. */
  keyring: string;
  /** Requests for paths that match answer "404 Not Found". */
  lost: RegExp;
  close(): void;
}

/**
 * Serves the packages of a folder as one release.
 * @param folder where the archive's files go; everybody can read it.
 * @param sign false leaves the release without a signature.
 */
export async function serveArchive(debs: string, folder: string, release: string, sign = true): Promise<LocalArchive> {
  const architecture = execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim();
  const dists = join(folder, "dists", release);
  mkdirSync(join(dists, `main/binary-${architecture}`), { recursive: true });
  mkdirSync(join(folder, "pool"));
  const index = `main/binary-${architecture}/Packages`;
  const names = readdirSync(debs).filter((name) => name.endsWith(".deb"));
  const packages = Buffer.from(names.map((name) => addPackage(debs, folder, name)).join(""));
  writeFileSync(join(dists, index), packages);
  writeFileSync(
    join(dists, "Release"),
    [
      "Origin: Debian",
      `Codename: ${release}`,
      `Architectures: ${architecture}`,
      "Components: main",
      "Date: Sat, 01 Jan 2022 00:00:00 UTC",
      "Valid-Until: Sat, 08 Jan 2022 00:00:00 UTC",
      "SHA256:",
      ` ${sha256(packages)} ${packages.length} ${index}`,
      // debootstrap takes the newline from the end of a signed text, and then does not see its last line.
      "Suite: oldstable",
      "",
    ].join("\n"),
  );
  const keyring = join(folder, "throw-away.asc");
  if (sign) signRelease(dists, keyring);
  const archive: LocalArchive = { uri: "", keyring, lost: /^$/, close: () => server.close() };
  const server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(request.url ?? "/"));
    if (archive.lost.test(path) || !existsSync(path) || !statSync(path).isFile()) response.writeHead(404).end();
    else {
      response.writeHead(200, { "content-length": statSync(path).size });
      createReadStream(path).pipe(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  archive.uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return archive;
}

/** A cache has versions' epochs in names, with a colon that is written %3a; archives have none. */
function addPackage(debs: string, folder: string, name: string): string {
  const path = `pool/${name.replace(/_\d+%3a/, "_")}`;
  const file = join(folder, path);
  copyFileSync(join(debs, name), file);
  const bytes = readFileSync(file);
  const fields = execFileSync("dpkg-deb", ["--field", file], { encoding: "utf8" }).trimEnd();
  return `${fields}\nFilename: ${path}\nSize: ${bytes.length}\nSHA256: ${sha256(bytes)}\n\n`;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The key is made for this, and is gone when the release is signed. */
function signRelease(dists: string, keyring: string): void {
  const home = mkdtempSync(join(tmpdir(), "qpod-gpg-"));
  const gpg = (...args: string[]) =>
    execFileSync("gpg", ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", ...args], {
      stdio: "pipe",
    });
  try {
    gpg("--quick-generate-key", "An old distribution <old@example.com>", "ed25519", "sign", "never");
    gpg("--armor", "--output", keyring, "--export");
    gpg("--clearsign", "--output", join(dists, "InRelease"), join(dists, "Release"));
    gpg("--armor", "--detach-sign", "--output", join(dists, "Release.gpg"), join(dists, "Release"));
  } finally {
    execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
    rmSync(home, { recursive: true, force: true });
  }
}
