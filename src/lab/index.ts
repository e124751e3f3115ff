/** `qpod/lab`: networks of hosts, made and gone in milliseconds. See docs/lab.md. */
export { LabError, type LabErrorCode } from "./errors.ts";
export type { Host } from "./host.ts";
export { type Lab, type LabOptions, lab, type Switch } from "./lab.ts";
export type { CommandOptions, HostProcess, HostResult } from "./process.ts";
export type { HostOptions, Link, LinkOptions, RootOptions, Route, SwitchOptions, Topology } from "./topology.ts";
export type { HostTrace, HostTraceOptions } from "./trace.ts";
export { withLab } from "./with-lab.ts";
