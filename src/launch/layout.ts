import { existsSync } from "node:fs";
import { join } from "node:path";

/** Whether this host runs 32-bit programs: only then must the linker choose the library by word size. */
function hasSmallPrograms(): boolean {
  return existsSync("/lib/ld-linux.so.2") || existsSync("/lib/ld-linux-armhf.so.3");
}

/** The preload library's name in a session; native/format/session.h says why. */
export const SESSION_LIBRARY = "libqpod-before-libasan.so";

/**
 * The files of the runtime folder, which TypeScript writes and the native programs read:
 *
 *   launch            symlink to qpod-launch; its own path tells it where the rest is
 *   policy            the compiled policy
 *   lib/NAME          the preload library, under each folder name that a dynamic linker puts for $LIB; in lib-native
 *                     too, since putting it costs a system call at each start of each program
 *   shims/NAME        symlinks to qpod-launch, for callers that preload cannot reach
 *   refused/HASH      repositories whose bindings do not count, so that they are not looked at again and again
 *   scratch           empty; in a scratch, its record is mounted there
 *   pods/ID.entry     how to enter the running pod
 *   pods/ID.start     how to make an embedded pod; absent when Node must do it
 *   pods/ID.lock      held while the pod is being started
 *   pods/ID.json      what a person wants to know of the pod (`qpod ps`)
 *   served/ID/        shared with a pod of root's engine: its first process's socket and note; docs/engines.md
 */
export function runtimeLayout(runtime: string) {
  const pod = (id: string, kind: string) => join(runtime, "pods", `${id}.${kind}`);
  return {
    folder: runtime,
    launch: join(runtime, "launch"),
    policy: join(runtime, "policy"),
    shims: join(runtime, "shims"),
    refused: join(runtime, "refused"),
    pods: join(runtime, "pods"),
    entry: (id: string) => pod(id, "entry"),
    start: (id: string) => pod(id, "start"),
    lock: (id: string) => pod(id, "lock"),
    facts: (id: string) => pod(id, "json"),
    served: (id: string) => join(runtime, "served", id),
    preload: join(runtime, hasSmallPrograms() ? "$LIB" : "lib-native", SESSION_LIBRARY),
  };
}

export type RuntimeLayout = ReturnType<typeof runtimeLayout>;
