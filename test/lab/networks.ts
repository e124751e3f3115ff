import type { Host } from "../../src/lab/host.ts";
import { Lab } from "../../src/lab/lab.ts";
import type { LinkOptions } from "../../src/lab/topology.ts";

/** A lab whose hosts can be had by name after they were declared. */
class TestLab extends Lab {
  host2(name: string): Host {
    const host = this.hosts.get(name);
    if (!host) throw new Error(`there is no host ${name}`);
    return host;
  }
}

export function pairOfHosts(link: LinkOptions = {}): TestLab {
  const net = new TestLab();
  const addresses = { a: ["10.0.0.1/24", "fd00::1/64"], b: ["10.0.0.2/24", "fd00::2/64"] };
  return net.link(net.host("a"), net.host("b"), { addresses, ...link });
}

/** client -- router -- server */
export function routed(router: { forward: boolean } = { forward: true }): TestLab {
  const net = new TestLab();
  const [client, middle, server] = [net.host("client"), net.host("router", router), net.host("server")];
  net.link(client, middle, { addresses: { client: ["10.0.1.2/24", "fd01::2/64"], router: ["10.0.1.1/24", "fd01::1/64"] } });
  net.link(server, middle, { addresses: { server: ["10.0.2.2/24", "fd02::2/64"], router: ["10.0.2.1/24", "fd02::1/64"] } });
  for (const [host, network] of [
    [client, 1],
    [server, 2],
  ] as const) {
    host.route("default", { via: `10.0.${network}.1` }).route("default", { via: `fd0${network}::1` });
  }
  return net;
}
