import { defineConfig } from "vitest/config";

const settings = { testTimeout: 60_000, hookTimeout: 1_800_000, teardownTimeout: 60_000, pool: "forks" } as const;

/**
 * `unit` needs nothing but this checkout. `system` starts real pods, podman, registries and terminals: one file at a
 * time, since they share the machine.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { ...settings, name: "unit", include: ["test/unit/**/*.test.ts", "test/format/*.test.ts", "test/process/**/*.test.ts"] } },
      {
        test: {
          ...settings,
          name: "system",
          include: ["test/*/**/*.test.ts"],
          exclude: ["test/{unit,format,process,tmp}/**"],
          fileParallelism: false,
          testTimeout: 300_000,
        },
      },
    ],
  },
});
