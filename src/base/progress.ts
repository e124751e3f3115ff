/** What long work says as it goes. On a terminal one line is rewritten; in a pipe nothing is said. */
export interface Progress {
  /** Begins a step: "pulling registry.example.com/mmsx:2018.3". Ends the one before. */
  step(text: string): void;
  /** Says how far the step is: "120 of 340 MB". */
  update(text: string): void;
  /** What must be read whatever becomes of the work: a line that stays, on a terminal or not. */
  warn(text: string): void;
  /** Ends the last step and leaves the terminal clean. */
  end(): void;
}

export const quiet: Progress = { step() {}, update() {}, warn() {}, end() {} };

interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const CLEAR_LINE = "\r\x1b[K";

/** Progress on stderr, so that a command's output stays its own. */
export function terminalProgress(terminal: Terminal = process.stderr): Progress {
  const warning = (text: string) => `qpod: warning: ${text}\n`;
  if (!terminal.isTTY) return { ...quiet, warn: (text) => void terminal.write(warning(text)) };
  let step = "";
  const show = (text: string) => {
    const width = Math.max(20, (terminal.columns ?? 80) - 1);
    const line = `qpod: ${text}`.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
    terminal.write(CLEAR_LINE + (line.length > width ? `${line.slice(0, width - 1)}…` : line));
  };
  return {
    step(text) {
      step = text;
      show(text);
    },
    update(text) {
      show(`${step}: ${text}`);
    },
    warn(text) {
      terminal.write(CLEAR_LINE + warning(text));
      if (step) show(step);
    },
    end() {
      if (step) terminal.write(CLEAR_LINE);
      step = "";
    },
  };
}
