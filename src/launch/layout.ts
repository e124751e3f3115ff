import { join } from "node:path";

/**
 * The files of the runtime folder, which TypeScript writes and the native programs read:
 *
 *   launch            symlink to qpod-launch; its own path tells it where the rest is
 *   policy            the compiled policy
 *   $LIB/libqpod.so   the preload library, under each folder name that a dynamic linker puts for $LIB
 *   shims/NAME        symlinks to qpod-launch, for callers that preload cannot reach
 *   pods/ID.entry     how to enter the running pod
 *   pods/ID.start     how to make an embedded pod; absent when Node must do it
 *   pods/ID.lock      held while the pod is being started
 *   pods/ID.json      what a person wants to know of the pod (`qpod ps`)
 */
export function runtimeLayout(runtime: string) {
  const pod = (id: string, kind: string) => join(runtime, "pods", `${id}.${kind}`);
  return {
    folder: runtime,
    launch: join(runtime, "launch"),
    policy: join(runtime, "policy"),
    shims: join(runtime, "shims"),
    pods: join(runtime, "pods"),
    entry: (id: string) => pod(id, "entry"),
    start: (id: string) => pod(id, "start"),
    lock: (id: string) => pod(id, "lock"),
    facts: (id: string) => pod(id, "json"),
    preload: join(runtime, "$LIB", "libqpod.so"),
  };
}

export type RuntimeLayout = ReturnType<typeof runtimeLayout>;
