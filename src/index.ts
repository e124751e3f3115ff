/** The public library: `qpod/process` has the commands, this the environments that they can run in. */
export { formatError, QpodError } from "./base/errors.ts";
export { type EnvironmentOptions, environment } from "./library/environment.ts";
export * from "./process/index.ts";
