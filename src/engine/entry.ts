import { createHash } from "node:crypto";
import { DEFAULT_PATH } from "../image/inspect-tree.ts";
import { encodeOperations, type Operation, op } from "../launch/operations.ts";
import type { User } from "../launch/user.ts";
import type { Pod } from "./engine.ts";
import { sharedVariables } from "./mounts.ts";

/** CLONE_NEW* of <sched.h>. */
export const clone = { mount: 0x00020000, user: 0x10000000 } as const;

/** RLIMIT_* of <sys/resource.h>. */
const resource = { stack: 3, core: 4, processes: 6, "open-files": 7, memory: 9 } as const;

/**
 * Variables that pass into every environment. Anything else of the host's would carry its world inside: a PATH,
 * a PYTHONPATH, a desktop's session. An environment adds to them with `variables: pass:`.
 */
const passing = [
  ..."TERM COLORTERM NO_COLOR CLICOLOR CLICOLOR_FORCE FORCE_COLOR COLUMNS LINES TZ PWD".split(" "),
  ..."MAKEFLAGS MFLAGS MAKELEVEL GNUMAKEFLAGS MAKE_TERMOUT MAKE_TERMERR NINJA_STATUS".split(" "),
  ..."CC CXX CPP FC F77 LD AR AS NM RANLIB STRIP OBJCOPY HOSTCC HOSTCXX".split(" "),
  ..."CFLAGS CXXFLAGS CPPFLAGS FFLAGS FCFLAGS LDFLAGS LDLIBS LIBS ASFLAGS ARFLAGS HOSTCFLAGS".split(" "),
  ..."DESTDIR PREFIX SOURCE_DATE_EPOCH V VERBOSE".split(" "),
];

/**
 * How to enter the pod; all numbers of OP_POD but the definition are filled in by who starts the first process.
 * @param server the socket of the pod's process that runs commands which may not join it.
 */
export function entryOperations(pod: Pod, joins: number, user: User, server?: string): Operation[] {
  const rest: Operation[] = [{ code: op.join, numbers: [joins] }];
  if (pod.environment.path) rest.push({ code: op.pathMap, strings: [pod.worktree.root, pod.environment.path] });
  if (joins & clone.user) rest.push({ code: op.identity, numbers: [user.uid, user.gid] });
  if (server) rest.push({ code: op.serve, strings: [server] });
  rest.push(...variableOperations(pod, user));
  for (const [name, most] of Object.entries(pod.environment.limits)) {
    rest.push({ code: op.limit, numbers: [resource[name as keyof typeof resource], most] });
  }
  return [{ code: op.pod, numbers: [0, 0, definitionOf(pod.id, rest)], strings: [pod.id] }, ...rest];
}

function variableOperations(pod: Pod, user: User): Operation[] {
  const { config, locales, programs } = pod.root;
  const { set, pass } = pod.environment.variables;
  // With a fixed path the caller's PWD names a folder by its other name.
  const own = pod.environment.path ? passing.filter((name) => name !== "PWD") : passing;
  const { PATH = DEFAULT_PATH, ...imageVariables } = { ...config.env, ...set };
  const variables = {
    ...imageVariables,
    HOME: user.home,
    USER: user.name,
    LOGNAME: user.name,
    SHELL: programs.includes("bash") ? "/bin/bash" : "/bin/sh",
    ...set,
  } as Record<string, string>;
  delete variables.PATH;
  const locale = ["C", "POSIX", "", ...locales];
  return [
    { code: op.pass, strings: [...own, ...pass, ...sharedVariables(pod.environment)] },
    { code: op.passIf, strings: ["LANG", ...locale] },
    { code: op.passIf, strings: ["LC_*", ...locale] },
    { code: op.set, strings: Object.entries(variables).map(([name, value]) => `${name}=${value}`) },
    { code: op.search, strings: [PATH] },
  ];
}

/** Changes whenever anything in the entry does. */
function definitionOf(id: string, rest: readonly Operation[]): bigint {
  const bytes = encodeOperations([{ code: op.pod, strings: [id] }, ...rest]);
  return createHash("sha256").update(bytes).digest().readBigUInt64LE(0);
}
