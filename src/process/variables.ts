import type { VariableRule } from "./settings.ts";

const common = ["LD_PRELOAD", "LD_LIBRARY_PATH", "PATH", "HOME", "USER", "LOGNAME", "TMPDIR"];

/** What a set-uid program must not take from who called it, and what it gets instead, if anything. */
const unsafe = /^(LD_.*|PATH|IFS|ENV|BASH_ENV|BASH_FUNC_.*|NODE_OPTIONS|PYTHON.*|PERL.*|GCONV_PATH|LOCPATH|TMPDIR)$/;
const safe: Record<string, string> = { PATH: "/usr/bin:/bin" };

/** Whether who called this process is somebody else than who it acts as. */
export function isSetUid(): boolean {
  return process.getuid?.() !== process.geteuid?.() || process.getgid?.() !== process.getegid?.();
}

/** The variables of a command, as the rules make them from ours. */
export function makeVariables(rules: readonly VariableRule[], inherit: boolean, ours: NodeJS.ProcessEnv = process.env): string[] {
  const blocks = isSetUid();
  const variables = new Map<string, string>();
  const pass = (name: string, fallback?: string, always = false) => {
    const value = blocks && (always || unsafe.test(name)) ? (fallback ?? safe[name]) : ours[name];
    if (value !== undefined) variables.set(name, value);
  };
  if (inherit) for (const name of Object.keys(ours)) pass(name);
  for (const rule of rules) {
    if (rule.kind === "common") {
      for (const name of common) pass(name);
      variables.set("LC_ALL", "C");
    } else if (rule.kind === "pass") {
      pass(rule.name);
    } else if (rule.kind === "pass-safe") {
      // Without a default nothing is better than the caller's.
      if (blocks && rule.fallback === undefined) variables.delete(rule.name);
      else pass(rule.name, rule.fallback, true);
    } else if (rule.value === undefined) {
      variables.delete(rule.name);
    } else {
      variables.set(rule.name, rule.value);
    }
  }
  const list: string[] = [];
  for (const [name, value] of variables) list.push(`${name}=${value}`);
  return list;
}
