import type { ChildProcess } from "node:child_process";

const PATIENCE = 90_000;

/** A program that is spoken to over its stdin, as editors do. */
export class Client {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  #said = "";
  #errors = "";
  #changed = () => {};

  constructor(child: ChildProcess) {
    this.child = child;
    this.ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#said += text;
      this.#changed();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    child.once("exit", () => this.#changed());
  }

  /** The next part of what it says that matches; what came before is passed over. */
  await(pattern: RegExp): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why} while waiting for ${pattern}:\n${this.#said}\n${this.#errors.slice(-3000)}`));
      const timer = setTimeout(() => fail("time went by"), PATIENCE);
      this.#changed = () => {
        const match = this.#said.match(pattern);
        if (match) this.#said = this.#said.slice((match.index ?? 0) + match[0].length);
        else if (this.child.exitCode === null && this.child.signalCode === null) return;
        clearTimeout(timer);
        this.#changed = () => {};
        if (match) resolve(match);
        else fail("it ended");
      };
      this.#changed();
    });
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }
}

/** The language server protocol, as far as a definition needs it. */
export class LanguageClient extends Client {
  #id = 0;

  notify(method: string, params: object): void {
    this.#send({ method, params });
  }

  async request(method: string, params: object): Promise<unknown> {
    const id = ++this.#id;
    this.#send({ id, method, params });
    const [, result] = await this.await(new RegExp(`\\{"id":${id},"jsonrpc":"2\\.0","result":(.*?)\\}(?=Content-Length|$)`, "s"));
    return JSON.parse(result as string);
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }
}
