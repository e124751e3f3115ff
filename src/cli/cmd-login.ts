import { QpodError } from "../base/errors.ts";
import { login } from "../image/registry.ts";
import type { Input } from "./command.ts";

/** Stores a registry's credentials where podman and skopeo look for them. */
export async function run({ args, options, output }: Input): Promise<number> {
  const registry = args[0] ?? "";
  const user = typeof options.username === "string" ? { user: options.username } : {};
  if (options.passwordStdin && !options.username) throw new QpodError({ fact: "--password-stdin needs --username", status: 2 });
  const password = options.passwordStdin ? { password: (await readAll(process.stdin)).replace(/\r?\n$/, "") } : {};
  await login(registry, { ...user, ...password });
  output.line(`logged in to ${registry}`);
  return 0;
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
