import type { HostView } from "../../../src/engine/host-view.ts";

interface Parts {
  uid?: number;
  env?: Record<string, string>;
  files?: Record<string, string>;
  programs?: string[];
}

/** A host that has nothing but what a test gives it. */
export function aHost({ uid = 1000, env = {}, files = {}, programs = [] }: Parts = {}): HostView {
  return {
    uid,
    user: "u",
    env,
    read: (path) => files[path],
    exists: (path) => path in files,
    program: (name) => (programs.includes(name) ? `/usr/bin/${name}` : undefined),
  };
}
