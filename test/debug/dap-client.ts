import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

// biome-ignore lint/suspicious/noExplicitAny: each command and event has a body of its own, which the tests look into
type Body = any;

interface Message {
  type: "response" | "event";
  request_seq?: number;
  event?: string;
  success?: boolean;
  message?: string;
  body?: Body;
}

interface Waiting {
  resolve(body: Body): void;
  reject(error: Error): void;
}

/** An editor, as far as the debug adapter protocol shows one: it asks, is answered, and hears what happens. */
export class DapClient {
  readonly adapter: ChildProcess;
  readonly #asked = new Map<number, Waiting>();
  readonly #events: { name: string; body: Body }[] = [];
  #heard: (() => void)[] = [];
  #sequence = 0;
  #unread: Buffer = Buffer.alloc(0);
  #errors = "";
  /** The adapter's end, and that of all who have its pipes. */
  readonly closed: Promise<{ status: number | null; errors: string }>;

  constructor(adapter: ChildProcess) {
    this.adapter = adapter;
    this.closed = once(adapter, "close").then(([status]) => ({ status, errors: this.#errors }));
    adapter.stderr?.on("data", (bytes) => (this.#errors += bytes));
    adapter.stdout?.on("data", (bytes: Buffer) => this.#read(bytes));
    adapter.stdin?.on("error", () => {});
    void this.closed.then(() => this.#fail());
  }

  /** The answer's body. Rejects when it says that it failed. */
  ask(command: string, args: object = {}): Promise<Body> {
    const seq = ++this.#sequence;
    const text = JSON.stringify({ seq, type: "request", command, arguments: args });
    const answer = new Promise<Body>((resolve, reject) => this.#asked.set(seq, { resolve, reject }));
    this.adapter.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return answer;
  }

  /** The body of the next event of this name that nobody has taken, if it has what is looked for. */
  async event(name: string, isIt: (body: Body) => boolean = () => true): Promise<Body> {
    for (;;) {
      const at = this.#events.findIndex((one) => one.name === name && isIt(one.body));
      if (at >= 0) return this.#events.splice(at, 1)[0]?.body;
      if (this.adapter.exitCode !== null) throw new Error(`no event ${name}: ${this.#errors}`);
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  /** As when the editor crashes. */
  hangUp(): void {
    this.adapter.stdin?.destroy();
    this.adapter.stdout?.destroy();
  }

  #read(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n\r\n/.exec(this.#unread.toString("latin1"));
      const end = (head?.[0].length ?? 0) + Number(head?.[1]);
      if (!head || this.#unread.length < end) return;
      this.#take(JSON.parse(this.#unread.subarray(head[0].length, end).toString("utf8")));
      this.#unread = this.#unread.subarray(end);
    }
  }

  #take({ type, request_seq = -1, event = "", success, message, body }: Message): void {
    if (type === "event") {
      this.#events.push({ name: event, body });
      this.#tell();
      return;
    }
    const asked = this.#asked.get(request_seq);
    this.#asked.delete(request_seq);
    if (success) asked?.resolve(body);
    else asked?.reject(new Error(message));
  }

  #tell(): void {
    const heard = this.#heard;
    this.#heard = [];
    for (const go of heard) go();
  }

  #fail(): void {
    for (const { reject } of this.#asked.values()) reject(new Error(`it has ended: ${this.#errors}`));
    this.#tell();
  }
}
