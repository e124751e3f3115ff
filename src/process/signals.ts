import { constants } from "node:os";

const numbers = constants.signals as Partial<Record<string, number>>;
const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name as NodeJS.Signals]));

export function signalNumber(signal: NodeJS.Signals): number | undefined {
  return numbers[signal];
}

/** Real-time signals have no name of Node's. */
export function signalName(number: number): NodeJS.Signals {
  return names.get(number) ?? (`SIG${number}` as NodeJS.Signals);
}

/** The status that a shell says: 128 + n for death by signal n. */
export function shellStatus(exitCode: number | undefined, signal: string | undefined): number {
  return exitCode ?? 128 + (signal === undefined ? 0 : (numbers[signal] ?? 0));
}
