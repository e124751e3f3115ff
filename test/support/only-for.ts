import { test } from "vitest";

type Declare = (title: string, body: () => void | Promise<void>, timeout?: number) => void;

/**
 * A test that concerns some of the settings or people: for the others it is none, and none is skipped. So what a run
 * says it has skipped is what it lacked something for.
 */
export function onlyFor(isConcerned: boolean, declare: Declare = test): Declare {
  return isConcerned ? declare : () => {};
}
