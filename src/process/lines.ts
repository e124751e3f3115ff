import { StringDecoder } from "node:string_decoder";

/**
 * The lines of a stream, without their ends (`\n` or `\r\n`). Not by node:readline, whose iterator waits for ever for a
 * stream that has ended before it begins.
 */
export async function* splitLines(stream: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  rest += decoder.end();
  if (rest !== "") yield rest;
}
