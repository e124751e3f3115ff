import { didYouMean } from "../../base/text.ts";
import type { Limits, Settings } from "../settings.ts";
import { recordEach, type Wrong } from "./mistakes.ts";

const limitNames: (keyof Limits)[] = ["files", "processes", "core", "memlock", "cpu", "addressSpace"];

export function setUmask(settings: Settings, mask: number): Wrong {
  if (!isWithin(mask, 0, 0o777)) return `${mask} is no umask`;
  settings.umask = mask;
  return undefined;
}

export function setLimits(settings: Settings, limits: Limits): Wrong {
  return recordEach(Object.entries(limits), ([name, value]) => {
    if (!limitNames.includes(name as keyof Limits))
      return `there is no limit ${JSON.stringify(name)}. ${didYouMean(name, limitNames) ?? ""}`.trim();
    if (value !== "unlimited" && (!Number.isSafeInteger(value) || value < 0)) return `the limit on ${name} cannot be ${value}`;
    settings.limits = { ...settings.limits, [name]: value };
    return undefined;
  });
}

export function setNice(settings: Settings, value: number): Wrong {
  if (!isWithin(value, -20, 19)) return `${value} is no nice value: -20 to 19`;
  settings.nice = value;
  return undefined;
}

export function setOomScore(settings: Settings, value: number): Wrong {
  if (!isWithin(value, -1000, 1000)) return `${value} is no OOM score: -1000 to 1000`;
  settings.oomScore = value;
  return undefined;
}

const isWithin = (value: number, least: number, most: number) => Number.isInteger(value) && value >= least && value <= most;
