/** What is wrong with what a command was told, in words; undefined when nothing is. */
export type Wrong = string | undefined;

/** Records each one that can be, and tells what is wrong with the first that cannot. */
export function recordEach<One>(all: Iterable<One>, record: (one: One) => Wrong): Wrong {
  let first: Wrong;
  for (const one of all) {
    const wrong = record(one);
    first ??= wrong;
  }
  return first;
}
