import { formatError, QpodError } from "../base/errors.ts";

/** One mistake in a file that a person wrote. */
export interface Mistake {
  fact: string;
  place: { file: string; line: number; column: number };
  remedy?: string | undefined;
}

/** All mistakes of a file at once, in the order in which they stand there, so that it is mended in one go. */
export class ConfigError extends QpodError {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly [Mistake, ...Mistake[]]) {
    const sorted = [...mistakes].sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
    const [first = mistakes[0], ...others] = sorted;
    const remedy = [first.remedy, ...others.map((mistake) => formatError(new QpodError(mistake)))].filter(Boolean).join("\n");
    super({ fact: first.fact, place: first.place, remedy: remedy || undefined });
    this.name = "ConfigError";
    this.mistakes = sorted;
  }
}

/** Throws if there is any mistake. */
export function refuseMistakes(mistakes: readonly Mistake[]): void {
  const [first, ...others] = mistakes;
  if (first) throw new ConfigError([first, ...others]);
}
