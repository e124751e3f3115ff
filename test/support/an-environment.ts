import type { Environment } from "../../src/config/environment.ts";

/** Definitions for tests, of which each names only what it is about. */
export function anEnvironment<Parts extends Partial<Environment> = Record<never, never>>(parts = {} as Parts): Environment & Parts {
  return {
    name: "old",
    place: { file: "/home/u/.config/qpod/environments/old.yaml", line: 1 },
    root: { kind: "image", reference: "registry.example.com/mmsx:2018.3" },
    commands: [],
    defaultCommands: true,
    host: [],
    variables: { set: {}, pass: [] },
    mounts: [],
    share: [],
    limits: {},
    ...parts,
  };
}
