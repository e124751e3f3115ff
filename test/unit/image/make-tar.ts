export interface Member {
  path: string;
  type?: string;
  data?: string | Buffer;
  link?: string;
  mode?: number;
  uid?: number;
  pax?: Record<string, string>;
}

/** A ustar file, written without any of our own code. */
export function makeTar(members: Member[], { end = true } = {}): Buffer {
  const blocks = members.flatMap((member) => {
    const data = Buffer.from(member.data ?? "");
    const records = Object.entries(member.pax ?? {})
      .map(([key, value]) => line(key, value))
      .join("");
    const extended = records
      ? [header({ path: "pax", type: "x", data: records }, Buffer.byteLength(records)), pad(Buffer.from(records))]
      : [];
    return [...extended, header(member, data.length), pad(data)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(end ? 1024 : 0)]);
}

function header({ path, type = "0", link = "", mode = 0o644, uid = 0 }: Member, size: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(path, 0, 100, "latin1");
  block.write(`${octal(mode, 7)}\0${octal(uid, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(0, 11)}\0`, 100, "latin1");
  block.write(type, 156, "latin1");
  block.write(link, 157, 100, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  block.fill(32, 148, 156);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
    "latin1",
  );
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function pad(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

function line(key: string, value: string): string {
  let length = 0;
  for (let next = 1; next !== length; ) {
    length = next;
    next = Buffer.byteLength(`${length} ${key}=${value}\n`);
  }
  return `${length} ${key}=${value}\n`;
}
