import { constants } from "node:os";
import { type FirstProcess, readStartTime } from "../launch/first-process.ts";
import { encodeOperations, type Operation, op } from "../launch/operations.ts";
import { decodeStatus, type StatusRecord } from "../launch/status.ts";
import type { IdMaps } from "../launch/user-namespace.ts";
import { type OwnLauncher, startOwnLauncher } from "../process/own-launcher.ts";
import { LabError } from "./errors.ts";

type Record = Exclude<StatusRecord, { kind: "failed" }>;

/** The process that a lab lives in: it ends when nobody holds our end of its channel any more. */
export class Launcher {
  readonly #launcher: OwnLauncher;
  #unread: Buffer = Buffer.alloc(0);
  #heard: Record[] = [];
  #listener: { until: readonly string[]; resolve: (records: Record[]) => void; reject: (error: Error) => void } | undefined;
  #failure: LabError | undefined;

  constructor() {
    this.#launcher = startOwnLauncher("lab", {
      onError: (error) => this.#fail(new LabError("kernel", { fact: `cannot start the lab: ${error.message}`, cause: error })),
    });
    this.#launcher.channel.on("data", (bytes: Buffer) => this.#read(bytes));
    this.#launcher.channel.on("close", () => this.#fail(new LabError("state", { fact: "the lab has ended" })));
    // A lab that was forgotten must not keep a test's process from ending.
    this.#launcher.unref();
  }

  /** Makes the namespace around all hosts. Nothing outside of it has changed when this fails. */
  async begin(maps: IdMaps, inside: readonly Operation[]): Promise<FirstProcess> {
    const ids: Operation = { code: op.lab, numbers: [maps.ownership === "subordinate" ? 1 : 0], strings: [maps.uidMap, maps.gidMap] };
    const records = await this.#ask([ids, ...inside], ["started", "ready"]);
    const started = records.find((record) => record.kind === "started");
    const startTime = started?.kind === "started" ? readStartTime(started.pid) : undefined;
    if (started?.kind !== "started" || startTime === undefined) throw new LabError("state", { fact: "the lab has ended" });
    return { pid: started.pid, startTime };
  }

  /** The hosts' processes, by their numbers, as the lab's pid namespace counts them. */
  async make(list: readonly Operation[]): Promise<Map<number, FirstProcess>> {
    const records = await this.#ask(list, ["done"]);
    return new Map(
      records.flatMap((record) =>
        record.kind === "fact" && record.value !== ""
          ? [[Number(record.key), { pid: Number(record.number), startTime: BigInt(record.value) }]]
          : [],
      ),
    );
  }

  /** From now on it lives without us. */
  async stay(): Promise<void> {
    await this.#ask([{ code: op.labStay }], ["stays"]);
    await this.end();
  }

  /** Resolves when all that was in it has ended. */
  async end(): Promise<void> {
    this.#launcher.ref();
    this.#launcher.channel.destroy();
    await this.#launcher.ended;
  }

  get ended(): Promise<void> {
    return this.#launcher.ended;
  }

  async #ask(list: readonly Operation[], until: readonly string[]): Promise<Record[]> {
    if (this.#failure) throw this.#failure;
    this.#launcher.ref();
    try {
      return await new Promise((resolve, reject) => {
        this.#listener = { until, resolve, reject };
        this.#launcher.channel.write(encodeOperations(list));
      });
    } finally {
      this.#listener = undefined;
      this.#launcher.unref();
    }
  }

  #read(bytes: Buffer): void {
    const { records, rest } = decodeStatus(Buffer.concat([this.#unread, bytes]));
    this.#unread = rest;
    for (const record of records) {
      if (record.kind === "failed") this.#fail(explainFailure(record));
      else this.#heard.push(record);
    }
    // Two processes write: the first one's word and its parent's come in any order.
    const said = this.#heard.map((record) => (record.kind === "fact" ? record.key : record.kind));
    if (!this.#listener?.until.every((word) => said.includes(word))) return;
    this.#listener.resolve(this.#heard);
    this.#heard = [];
  }

  #fail(error: LabError): void {
    this.#failure ??= error;
    this.#listener?.reject(this.#failure);
  }
}

function explainFailure({ errno, operation, argument, explanation }: Extract<StatusRecord, { kind: "failed" }>): LabError {
  const name = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0];
  const why = errno === 0 ? "" : `: ${name ?? `error ${errno}`}`;
  const denied = name === "EPERM" || name === "EACCES" || /^make (a user namespace|the lab's namespaces)$/.test(operation);
  return new LabError(denied ? "not-permitted" : "kernel", {
    fact: `cannot ${operation}${argument ? ` ${argument}` : ""}${why}`,
    remedy: explanation || undefined,
  });
}
