import type { Settings } from "./settings.ts";

/** Ends a command that takes too long, or that is not wanted any more: a signal, and SIGKILL after the grace. */
export class Deadline {
  readonly #settings: Settings;
  readonly #end: (signal: NodeJS.Signals, grace: number) => void;
  readonly #onAbort = () => this.abort();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  timedOut = false;
  aborted = false;

  constructor(settings: Settings, end: (signal: NodeJS.Signals, grace: number) => void) {
    this.#settings = settings;
    this.#end = end;
    if (settings.timeout !== undefined) {
      this.#timer = setTimeout(() => {
        if (this.aborted) return;
        this.timedOut = true;
        this.#escalate();
      }, settings.timeout);
    }
    settings.abort?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get reason(): string | undefined {
    return this.timedOut ? `timed out after ${this.#settings.timeout} ms` : this.aborted ? "aborted" : undefined;
  }

  abort(): void {
    if (this.#isOver || this.reason) return;
    this.aborted = true;
    this.#escalate();
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#settings.abort?.removeEventListener("abort", this.#onAbort);
  }

  #escalate(): void {
    this.#end(this.#settings.killSignal, this.#settings.killGrace);
  }
}
