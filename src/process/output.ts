/** What a child writes: gathered, and known to be complete. */
export class Output {
  readonly #chunks = new Map<number, Buffer[]>();
  readonly #open: Set<number>;
  readonly #grace: number;
  #heard = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param expected the descriptors that are waited for, after the child's end for `grace` milliseconds of silence. */
  constructor(expected: Iterable<number>, grace: number) {
    this.#open = new Set(expected);
    this.#grace = grace;
  }

  add(target: number, bytes: Buffer): void {
    this.#heard++;
    const chunks = this.#chunks.get(target);
    if (chunks) chunks.push(bytes);
    else this.#chunks.set(target, [bytes]);
  }

  /** Something came that goes elsewhere. */
  note(): void {
    this.#heard++;
  }

  close(target: number): void {
    this.#open.delete(target);
  }

  get isComplete(): boolean {
    return this.#open.size === 0;
  }

  take(target: number): Buffer {
    const chunks = this.#chunks.get(target) ?? [];
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  }

  /** Calls `giveUp` when nothing has come for the grace: a background process may hold a descriptor for ever. */
  waitForRest(giveUp: () => void): void {
    if (this.#timer) return;
    const heard = this.#heard;
    this.#timer = setTimeout(() => {
      // A late timer is no sign of silence: the event loop looks at what has come only after it.
      setImmediate(() => {
        this.#timer = undefined;
        if (this.isComplete) return;
        if (this.#heard === heard) giveUp();
        else this.waitForRest(giveUp);
      });
    }, this.#grace);
  }

  stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
