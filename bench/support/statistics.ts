/** The part of the turns that were quicker than what we take for undisturbed. */
const QUIET = 0.1;

/** What is said of a variant's turns, in nanoseconds per command. */
export interface Summary {
  median: number;
  /** Of the clock we take this: other work on the machine only ever adds to it. */
  quiet: number;
  min: number;
  max: number;
}

export function quiet(values: readonly number[]): number {
  return quantile(values, QUIET);
}

export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError("no turn was taken");
  return { median: quantile(values, 0.5), quiet: quiet(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Between two values that lie beside the place, as much of each as the place is near to it. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** What one costs over the other when nothing else is done by the machine. */
export function quietDifference(values: readonly number[], base: readonly number[]): number {
  return quiet(values) - quiet(base);
}

/** The median of what one has over the other in the same round, where the machine was the same for both. */
export function medianDifference(values: readonly number[], base: readonly number[]): number {
  return quantile(
    pairs(values, base).map(([value, other]) => value - other),
    0.5,
  );
}

export function medianRatio(values: readonly number[], base: readonly number[]): number {
  return quantile(
    pairs(values, base).map(([value, other]) => value / other),
    0.5,
  );
}

function pairs(values: readonly number[], base: readonly number[]): [number, number][] {
  if (values.length !== base.length) throw new RangeError(`${values.length} turns cannot be paired with ${base.length}`);
  return values.map((value, i) => [value, base[i] ?? Number.NaN]);
}
