import { isIP } from "node:net";

/** An address or a network: its bytes, 4 or 16, and how many bits name the network. */
export interface Network {
  family: 4 | 6;
  bytes: Buffer;
  prefix: number;
}

/** `10.0.0.1/24`, `fd00::1/64`; undefined for anything else. Without a prefix the whole address counts, if that may be. */
export function parseNetwork(text: string, mayBeBare = false): Network | undefined {
  const [address = "", prefix, ...rest] = text.split("/");
  const bytes = parseAddress(address);
  if (!bytes || rest.length > 0) return undefined;
  const most = bytes.length * 8;
  const family = bytes.length === 4 ? 4 : 6;
  if (prefix === undefined) return mayBeBare ? { family, bytes, prefix: most } : undefined;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > most) return undefined;
  return { family, bytes, prefix: Number(prefix) };
}

/** The bytes of an address without a prefix and a zone. */
export function parseAddress(text: string): Buffer | undefined {
  const version = text.includes("%") ? 0 : isIP(text);
  if (version === 4) return Buffer.from(text.split(".").map(Number));
  if (version === 6) return parseSix(text);
  return undefined;
}

function parseSix(text: string): Buffer {
  const dotted = /[\d.]+$/.exec(text)?.[0] ?? "";
  const four = dotted.includes(".") ? Buffer.from(dotted.split(".").map(Number)) : Buffer.alloc(0);
  const [head = "", tail] = (four.length > 0 ? text.slice(0, -dotted.length) : text).split("::");
  const groups = (part: string) =>
    Buffer.from(
      part
        .split(":")
        .filter(Boolean)
        .map((group) => group.padStart(4, "0"))
        .join(""),
      "hex",
    );
  const before = groups(head);
  const after = Buffer.concat([groups(tail ?? ""), four]);
  return Buffer.concat([before, Buffer.alloc(16 - before.length - after.length), after]);
}

export function isInside(bytes: Uint8Array, network: Network): boolean {
  if (bytes.length !== network.bytes.length) return false;
  return mask(bytes, network.prefix).equals(mask(network.bytes, network.prefix));
}

/** One that counts on its link alone: fe80::/10. */
export function isLinkLocal(text: string): boolean {
  const bytes = parseNetwork(text, true)?.bytes;
  return bytes?.length === 16 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}

/** The network's own address: all bits after the prefix are zero. */
export function mask(bytes: Uint8Array, prefix: number): Buffer {
  return Buffer.from(bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * i)))));
}
