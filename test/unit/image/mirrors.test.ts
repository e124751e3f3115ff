import { describe, expect, test } from "vitest";
import { parseDeb822, parseList } from "../../../src/image/apt-sources.ts";
import { type Bootstrap, findMirror, type Lookup, listMirrors } from "../../../src/image/mirrors.ts";

const bullseye: Bootstrap = { kind: "bootstrap", distribution: "debian", release: "bullseye", packages: [], components: ["main"] };
const host = { id: "debian", codename: "bookworm" };

describe("the host's sources", () => {
  test("one line each, with options and comments", () => {
    const text =
      "# deb http://no/ x main\ndeb [arch=amd64 signed-by=/x] http://mirror.example/debian bookworm main contrib # ours\ndeb-src http://no/ x main\n";
    expect(parseList(text)).toEqual([{ uri: "http://mirror.example/debian", suites: ["bookworm"], components: ["main", "contrib"] }]);
  });

  test("stanzas, with several suites, comments within and disabled ones", () => {
    const text = [
      "Types: deb deb-src\n# snapshot\nURIs: http://mirror.example/debian\nSuites: bookworm\n bookworm-updates\nComponents: main",
      "Types: deb\nURIs: http://no/\nSuites: x\nEnabled: no",
      "Types: deb-src\nURIs: http://no/\nSuites: x",
    ].join("\n\n");
    expect(parseDeb822(text)).toEqual([
      { uri: "http://mirror.example/debian", suites: ["bookworm", "bookworm-updates"], components: ["main"] },
    ]);
  });
});

describe("who serves a release", () => {
  const sources = [
    { uri: "http://tools.example/apt", suites: ["stable"], components: [] },
    { uri: "http://mirror.example/debian/", suites: ["bookworm"], components: ["main"] },
  ];

  test("the mirror of the host's own apt comes first, the distribution's archive last", () => {
    expect(listMirrors(bullseye, { sources, host }).map(({ uri }) => uri)).toEqual([
      "http://mirror.example/debian",
      "http://deb.debian.org/debian",
      "http://archive.debian.org/debian",
    ]);
  });

  test("for another distribution the host's mirror says nothing", () => {
    const uris = listMirrors({ ...bullseye, distribution: "ubuntu" }, { sources, host }).map(({ uri }) => uri);
    expect(uris).toEqual(["http://archive.ubuntu.com/ubuntu", "http://old-releases.ubuntu.com/ubuntu"]);
  });

  test("a mirror that the definition names is the only one", () => {
    expect(listMirrors({ ...bullseye, mirror: "http://mine/debian/" }, { sources, host })).toEqual([
      { uri: "http://mine/debian", archived: false },
    ]);
  });

  test("an archive that the definition names comes after its mirror, or takes the place of the distribution's", () => {
    const archive = { uri: "http://old/debian", archived: true };
    const named = { ...bullseye, archive: "http://old/debian/" };
    expect(listMirrors({ ...named, mirror: "http://mine/debian" }, { sources, host })).toEqual([
      { uri: "http://mine/debian", archived: false },
      archive,
    ]);
    expect(listMirrors(named, { sources, host }).at(-1)).toEqual(archive);
    expect(listMirrors({ ...named, distribution: "devuan" }, { sources, host })).toEqual([archive]);
    expect(listMirrors({ ...named, mirror: "http://old/debian" }, { sources, host })).toEqual([archive]);
  });

  test("an unknown distribution needs a mirror", () => {
    expect(() => listMirrors({ ...bullseye, distribution: "devuan" }, { sources, host })).toThrow(
      /knows no mirror of the distribution "devuan"/,
    );
  });

  const lookup = (there: string[]): Lookup => ({
    sources,
    host,
    probe: async (uri) => (there.includes(uri) ? undefined : "404 Not Found"),
  });

  test("a release that left the mirrors is taken from the archive, and known to be archived", async () => {
    expect(await findMirror(bullseye, lookup(["http://archive.debian.org/debian"]))).toEqual({
      uri: "http://archive.debian.org/debian",
      archived: true,
    });
  });

  test("a release that is nowhere is an error that lists what was tried", async () => {
    await expect(findMirror({ ...bullseye, release: "bulseye" }, lookup([]))).rejects.toThrow(
      "debian bulseye was not found: tried http://mirror.example/debian (404 Not Found), http://deb.debian.org/debian (404 Not Found), http://archive.debian.org/debian (404 Not Found)",
    );
  });
});
