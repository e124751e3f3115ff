import { type AnyChannel, type Child, type Ended, startChild } from "./child.ts";
import { GdbError, gdbErrorOf, noGdb } from "./gdb-error.ts";
import { parseMi } from "./mi-parse.ts";
import { type MiTuple, textOf } from "./mi-record.ts";
import { becomeArguments, type Place, sourceArguments } from "./place.ts";

export interface ChannelOptions {
  place: Place;
  cwd?: string | undefined;
  env?: NodeJS.ProcessEnv | undefined;
  /** What gdb and the program get beside the interface on 0, 1 and 2. */
  channels: Map<number, AnyChannel>;
}

interface Waiting {
  resolve(answer: { name: string; results: MiTuple }): void;
  reject(error: Error): void;
}

/** gdb and its machine interface: commands go in, each gets its answer; what happens beside that is told apart. */
export class GdbChannel {
  readonly #child: Child;
  readonly #waiting = new Map<number, Waiting>();
  readonly #stops: MiTuple[] = [];
  #stopWaiting: { resolve(stop: MiTuple): void; reject(error: Error): void } | undefined;
  #token = 0;
  #failure: GdbError | undefined;
  /** What gdb wrote before it was ready, and on its stderr. */
  readonly notes: string[] = [];
  /** Text for the console since the last command. */
  console = "";
  readonly ended: Promise<Ended>;
  /** Settles at the first prompt. */
  readonly ready: Promise<void>;

  constructor(child: Child) {
    this.#child = child;
    let isReady = () => {};
    this.ready = new Promise((resolve, reject) => {
      isReady = resolve;
      void child.ended.then(() => reject(this.#failure));
    });
    this.ready.catch(() => {});
    this.#readLines(child.readable(2), (line) => this.notes.push(line));
    const read = this.#readLines(child.readable(1), (line) => this.#take(line, isReady));
    child.process.stdin?.on("error", () => {});
    this.ended = Promise.all([child.ended, read]).then(([ended]) => {
      this.#fail(ended);
      return ended;
    });
  }

  /** @throws GdbError when gdb says ^error. */
  async send(command: string): Promise<{ name: string; results: MiTuple }> {
    if (this.#failure) throw this.#failure;
    const token = ++this.#token;
    this.console = "";
    const answer = new Promise<{ name: string; results: MiTuple }>((resolve, reject) => this.#waiting.set(token, { resolve, reject }));
    this.#child.process.stdin?.write(`${token}${command}\n`);
    return answer;
  }

  /** The next time that the program stops or ends. */
  nextStop(): Promise<MiTuple> {
    const [stop] = this.#stops.splice(0, 1);
    if (stop) return Promise.resolve(stop);
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#stopWaiting = { resolve, reject };
    });
  }

  forgetStops(): void {
    this.#stops.length = 0;
  }

  /** The kernel ends the program with its tracer. */
  async kill(): Promise<void> {
    this.#child.process.kill("SIGKILL");
    await this.ended;
  }

  closeInput(): void {
    this.#child.process.stdin?.end();
  }

  stream(descriptor: number) {
    return this.#child.process.stream(descriptor);
  }

  #take(line: string, isReady: () => void): void {
    const record = parseMi(line);
    switch (record.kind) {
      case "prompt":
        isReady();
        return;
      case "result":
        this.#answer(record.token, record.name, record.results);
        return;
      case "event":
        if (record.sign === "*" && record.name === "stopped") this.#stopped(record.results);
        return;
      case "text":
        if (record.sign === "~") this.console += record.text;
        else this.notes.push(record.text.trimEnd());
        return;
      case "other":
        this.notes.push(record.text);
    }
  }

  #answer(token: number | undefined, name: string, results: MiTuple): void {
    const waiting = this.#waiting.get(token ?? -1);
    this.#waiting.delete(token ?? -1);
    if (name === "error") waiting?.reject(gdbErrorOf(textOf(results, "msg")));
    else waiting?.resolve({ name, results });
  }

  #stopped(results: MiTuple): void {
    const waiting = this.#stopWaiting;
    this.#stopWaiting = undefined;
    if (waiting) waiting.resolve(results);
    else this.#stops.push(results);
  }

  #fail({ status, signal }: Ended): void {
    const words = this.notes
      .filter(Boolean)
      .slice(0, 2)
      .join(" ")
      .replace(/^qpod: /, "");
    const how = signal ? `was ended by ${signal}` : `ended with status ${status}`;
    this.#failure = status === 127 ? noGdb(this.notes) : new GdbError("ended", `gdb ${how}${words ? `: ${words}` : ""}`);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
    this.#stopWaiting?.reject(this.#failure);
    this.#stopWaiting = undefined;
  }

  async #readLines(stream: AsyncIterable<Buffer>, take: (line: string) => void): Promise<void> {
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + chunk.toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) take(line.replace(/\r$/, ""));
    }
    if (rest) take(rest);
  }
}

/** Starts gdb where the program is; it ends with us, and the program with it. */
export async function openGdb(args: readonly string[], { place, cwd, env, channels }: ChannelOptions): Promise<GdbChannel> {
  const argv: [string, ...string[]] = [...becomeArguments({ place, diesWithUs: true }), "gdb", ...sourceArguments(place), ...args];
  const all = new Map<number, AnyChannel>([...channels, [0, "pipe"], [1, "pipe"], [2, "pipe"]]);
  const child = await startChild(argv, all, { cwd, env });
  const channel = new GdbChannel(child);
  await channel.ready.catch(async () => {
    await channel.ended;
    await channel.send("");
  });
  return channel;
}
