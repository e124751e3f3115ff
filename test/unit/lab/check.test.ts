import { describe, expect, test } from "vitest";
import { checkTopology } from "../../../src/lab/check.ts";
import { LabError, lab } from "../../../src/lab/index.ts";
import type { LinkOptions, Route, Topology } from "../../../src/lab/topology.ts";

const pair = (link: LinkOptions = {}, routes: Route[] = []): Topology => ({
  hosts: { a: { routes }, b: {} },
  switches: {},
  links: [{ between: ["a", "b"], ...link }],
});
const addresses = (a: string | string[], b: string | string[] = []) => pair({ addresses: { a, b } });
const first = (topology: Topology) => checkTopology(topology)[0];

describe("a topology is checked before anything is made", () => {
  test("a good one has no fault", () => {
    const good = pair({ addresses: { a: ["10.0.0.1/24", "fd00::1/64"], b: "10.0.0.2/24" }, mtu: 1400 }, [
      { to: "default", via: "10.0.0.2" },
    ]);
    expect(checkTopology(good)).toEqual([]);
  });

  test.each(["", "-a", "a-", "a_b", "a b", "a/b", "a.b", "x".repeat(64), "localhost"])("%j is no name of a host", (name) =>
    expect(first({ hosts: { [name]: {} }, switches: {}, links: [] })).toMatchObject({ code: "bad-name", path: ["hosts", name] }),
  );

  test("a link to nobody says who was meant", () => {
    const topology: Topology = { hosts: { client: {}, server: {} }, switches: {}, links: [{ between: ["client", "sever"] }] };
    expect(first(topology)).toMatchObject({ code: "unknown", path: ["links", 0, "between", 1], remedy: 'Did you mean "server"?' });
  });

  test.each([
    ["10.0.0.1", 'Write how long the network\'s part is: "10.0.0.1/24".'],
    ["10.0.0.300/24", 'As "10.0.0.1/24" or "fd00::1/64".'],
    ["10.0.0.0/24", "Take another of that network."],
    ["10.0.0.255/24", "Take another of that network."],
    ["127.0.0.2/8", "Take one that a host may have."],
    ["ff02::1/64", "Take one that a host may have."],
    ["::/64", "Take one that a host may have."],
  ])("%s is no address of an interface", (address, remedy) =>
    expect(first(addresses(address))).toMatchObject({ code: "bad-address", path: ["links", 0, "addresses", "a"], remedy }),
  );

  test("both addresses of a point-to-point network can be used", () =>
    expect(checkTopology(addresses("10.0.0.0/31", "10.0.0.1/31"))).toEqual([]));

  test("two of a segment cannot have one address", () => {
    expect(first(addresses("10.0.0.1/24", ["fd00::1/64", "10.0.0.1/24"]))).toMatchObject({
      code: "duplicate",
      path: ["links", 0, "addresses", "b", 1],
    });
    const topology: Topology = {
      hosts: { a: {}, b: {} },
      switches: { lan: {} },
      links: ["a", "b"].map((name) => ({ between: [name, "lan"], addresses: { [name]: "10.0.0.1/24" } })),
    };
    expect(first(topology)?.fact).toBe('"b" gets 10.0.0.1/24, which "a" has already');
  });

  const switches = (between: [string, string][]): Topology => ({
    hosts: {},
    switches: { core: {}, left: {}, right: {}, far: {} },
    links: between.map((ends) => ({ between: ends })),
  });

  test("a tree of switches is fine, a circle is refused at the link that closes it", () => {
    const tree: [string, string][] = [
      ["core", "left"],
      ["right", "core"],
      ["far", "right"],
    ];
    expect(checkTopology(switches(tree))).toEqual([]);
    expect(checkTopology(switches([...tree, ["left", "far"]]))).toEqual([
      expect.objectContaining({
        code: "bad-value",
        path: ["links", 3, "between"],
        fact: "this link closes a circle of switches: left - far - right - core - left",
      }),
    ]);
    expect(first(switches([...tree, ["left", "core"]]))?.fact).toBe("this link closes a circle of switches: left - core - left");
  });

  test("two hosts of joined switches cannot have one address, those of others can", () => {
    const at = (one: string, other: string): Topology => ({
      ...switches([["core", "left"]]),
      hosts: { a: {}, b: {} },
      links: [
        { between: ["core", "left"] },
        { between: ["a", one], addresses: { a: "10.0.0.1/24" } },
        { between: ["b", other], addresses: { b: "10.0.0.1/24" } },
      ],
    });
    expect(first(at("core", "left"))?.fact).toBe('"b" gets 10.0.0.1/24, which "a" has already');
    expect(checkTopology(at("core", "right"))).toEqual([]);
  });

  test.each([67, 65536, 1500.5, Number.NaN])("the MTU cannot be %d", (mtu) =>
    expect(first(pair({ mtu }))).toMatchObject({ code: "bad-mtu", path: ["links", 0, "mtu"] }),
  );

  test("IPv6 is not put on a link that is too narrow for it", () =>
    expect(
      first({ ...addresses("fd00::1/64"), links: [{ between: ["a", "b"], mtu: 1000, addresses: { a: "fd00::1/64" } }] }),
    ).toMatchObject({
      code: "bad-mtu",
    }));

  test.each([
    [{ delay: -1 }, "delay"],
    [{ jitter: 2 }, "jitter"],
    [{ loss: 101 }, "loss"],
    [{ rate: "fast" }, "rate"],
  ] as [LinkOptions, string][])("%j is refused", (link, key) =>
    expect(first(pair(link))).toMatchObject({ code: "bad-value", path: ["links", 0, key] }),
  );

  test.each([
    [{ to: "default", via: "10.9.9.9" }, '10.9.9.9 is no neighbour of "a"'],
    [{ to: "10.0/8", via: "10.0.0.2" }, '"10.0/8" is no network'],
    [{ to: "fd01::/64", via: "10.0.0.2" }, "fd01::/64 and its gateway 10.0.0.2 are of different families"],
    [{ to: "10.1.0.0/16" }, "the route to 10.1.0.0/16 leads nowhere"],
    [{ to: "10.1.0.0/16", on: "eth1" }, '"a" has no interface "eth1"'],
    [{ to: "default", via: "10.0.0.1" }, '10.0.0.1 is "a" itself'],
    [{ to: "default", via: "fe80::1" }, 'fe80::1 may be on any link of "a"'],
    [{ to: "default", via: "nobody" }, '"nobody" is no address of a gateway'],
  ] as [Route, string][])("the route %j is refused", (route, fact) =>
    expect(first(pair({ addresses: { a: "10.0.0.1/24" } }, [route]))?.fact).toBe(fact),
  );

  test("names of interfaces are the kernel's kind, and each is used once", () => {
    expect(first(pair({ interfaces: { a: "an-interface-name" } }))).toMatchObject({ code: "bad-name" });
    const twice: Topology = {
      ...pair(),
      links: [
        { between: ["a", "b"], interfaces: { a: "x" } },
        { between: ["a", "b"], interfaces: { a: "x" } },
      ],
    };
    expect(first(twice)).toMatchObject({ code: "duplicate", path: ["links", 1, "interfaces", "a"] });
  });

  test("declaring a host twice is found, with all else, when the lab is to come up", async () => {
    const one = lab();
    one.host("a");
    one.host("a");
    one.link("a", "b");
    const error = await one.up().catch((error) => error);
    expect(error).toBeInstanceOf(LabError);
    expect(error.code).toBe("duplicate");
    expect(error.message).toMatch(/two hosts "a"\n {2}also: there is no host or switch "b"/);
  });
});
