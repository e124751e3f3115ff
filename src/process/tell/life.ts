import type { Settings, SetUpStep, Way } from "../settings.ts";
import { signalNumber } from "../signals.ts";
import { recordEach, type Wrong } from "./mistakes.ts";

export function addSteps({ steps }: Settings, more: readonly SetUpStep[]): Wrong {
  return recordEach(more, (step) => {
    const wrong = checkStep(step);
    if (wrong === undefined) steps.push(step);
    return wrong;
  });
}

function checkStep(step: SetUpStep): Wrong {
  if (step === "new-session" || step === "new-group" || step === "no-new-privileges") return undefined;
  const { parentDeathSignal, ignoreSignal, write, chroot } = step as Partial<Record<string, string>>;
  const signal = parentDeathSignal ?? ignoreSignal;
  if (signal === undefined && write === undefined && chroot === undefined) return `there is no set-up step ${JSON.stringify(step)}`;
  return signal === undefined ? undefined : checkSignal(signal as NodeJS.Signals);
}

const checkSignal = (signal: NodeJS.Signals): Wrong => (signalNumber(signal) === undefined ? `there is no signal ${signal}` : undefined);

export function setTimeLimit(settings: Settings, milliseconds: number): Wrong {
  if (!(milliseconds > 0)) return `the timeout cannot be ${milliseconds}`;
  settings.timeout = milliseconds;
  return undefined;
}

export function setKilling(settings: Settings, signal: NodeJS.Signals, grace: number): Wrong {
  const wrong = checkSignal(signal);
  if (wrong === undefined) Object.assign(settings, { killSignal: signal, killGrace: grace });
  return wrong;
}

export function setOutputGrace(settings: Settings, milliseconds: number): Wrong {
  if (!(milliseconds >= 0)) return `the output grace cannot be ${milliseconds}`;
  settings.outputGrace = milliseconds;
  return undefined;
}

export function setEncoding(settings: Settings, name: "utf8" | "buffer"): Wrong {
  if (name !== "utf8" && name !== "buffer") return `there is no encoding ${name}: "utf8" or "buffer"`;
  settings.encoding = name;
  return undefined;
}

export function setWay(settings: Settings, name: Way): Wrong {
  if (name !== "resident" && name !== "one-shot") return `there is no way ${name}: "resident" or "one-shot"`;
  settings.way = name;
  return undefined;
}
