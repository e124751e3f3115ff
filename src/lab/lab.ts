import { checkTopology } from "./check.ts";
import { describeLab } from "./describe.ts";
import { type Fault, LabError, refuseFaults } from "./errors.ts";
import { Host } from "./host.ts";
import { enterWords } from "./place.ts";
import { HostProcess, type HostResult } from "./process.ts";
import { type Running, startLab } from "./start.ts";
import type { HostOptions, LinkOptions, SwitchOptions, Topology } from "./topology.ts";
import type { HostTrace } from "./trace.ts";

export interface LabOptions {
  /** Milliseconds after which all of the lab is ended, whatever runs in it; counted from `up`. */
  timeout?: number;
}

/** A switch, which passes on what any of its links brings. */
export class Switch {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A network of hosts of its own. Declare it, then `up()` makes all of it at once, or nothing. It is gone, with all that
 * runs in it, after `down()`, when it is disposed of, or when this process ends, however it ends.
 */
export class Lab {
  readonly #options: LabOptions;
  readonly #topology: Topology;
  readonly #hosts = new Map<string, Host>();
  readonly #faults: Fault[] = [];
  /** @internal All that was started in it, in that order. */
  readonly commands: HostProcess[] = [];
  /** Commands under the tracer. */
  readonly traces: HostTrace[] = [];
  #running: Running | undefined;
  #ended: LabError | undefined;

  constructor(topology: Partial<Topology> = {}, options: LabOptions = {}) {
    this.#options = options;
    this.#topology = { hosts: {}, switches: {}, links: [] };
    for (const [name, one] of Object.entries(topology.hosts ?? {})) this.host(name, one);
    for (const [name, one] of Object.entries(topology.switches ?? {})) this.switch(name, one);
    for (const { between, ...one } of topology.links ?? []) this.link(between[0], between[1], one);
  }

  /** Declares a host. */
  host(name: string, options: HostOptions = {}): Host {
    this.#refuseLate();
    if (this.#hosts.has(name)) this.#faults.push({ code: "duplicate", fact: `there are two hosts "${name}"`, path: ["hosts", name] });
    const host = new Host(name, this);
    this.#hosts.set(name, host);
    this.#topology.hosts[name] = { ...options, routes: [...(options.routes ?? [])] };
    return host;
  }

  /** Declares a switch. */
  switch(name: string, options: SwitchOptions = {}): Switch {
    this.#refuseLate();
    if (Object.hasOwn(this.#topology.switches, name))
      this.#faults.push({ code: "duplicate", fact: `there are two switches "${name}"`, path: ["switches", name] });
    this.#topology.switches[name] = options;
    return new Switch(name);
  }

  /** Declares a link between two hosts, a host and a switch, or two switches. */
  link(here: Host | Switch | string, there: Host | Switch | string, options: LinkOptions = {}): this {
    this.#refuseLate();
    const name = (end: Host | Switch | string) => (typeof end === "string" ? end : end.name);
    this.#topology.links.push({ ...options, between: [name(here), name(there)] });
    return this;
  }

  /** Makes all that was declared. @throws LabError, and then nothing is left of it. */
  async up(): Promise<this> {
    this.#refuseLate();
    refuseFaults([...this.#faults, ...checkTopology(this.#topology)]);
    const running = await startLab(this.#topology);
    this.#running = running;
    running.ended.then(() => {
      this.#ended ??= new LabError("state", { fact: "the lab has ended", remedy: "Somebody ended its first process." });
    });
    this.#limitTime();
    return this;
  }

  /** Ends all that runs in it. Resolves when its processes are gone; without harm a second time. */
  async down(): Promise<void> {
    await this.#end(new LabError("state", { fact: "the lab is down" }));
  }

  /** What it looks like: addresses and routes of its hosts, commands and what they said. */
  describe(): Promise<string> {
    return describeLab(this);
  }

  /** @internal A command that is not counted among those that were started in it. */
  look(host: string, words: readonly string[]): Promise<HostResult> {
    const { place } = this.running;
    return new HostProcess(host, words, (more) => [...enterWords(place, host, "/"), ...more], {}).wait();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  /** What was declared. */
  get topology(): Topology {
    return this.#topology;
  }

  get hosts(): ReadonlyMap<string, Host> {
    return this.#hosts;
  }

  /** @internal */
  get running(): Running {
    if (this.#ended) throw this.#ended;
    if (!this.#running) throw new LabError("state", { fact: "the lab is not up yet", remedy: "Await its up() first." });
    return this.#running;
  }

  async #end(reason: LabError): Promise<void> {
    if (!this.#ended) this.#warn();
    this.#ended ??= reason;
    await this.#running?.end();
  }

  /** Says what was changed below hosts' copies of a tree: what they saw then is not defined. */
  #warn(): void {
    for (const { folder, paths } of this.#running?.findChanges() ?? []) {
      const some = `${paths.slice(0, 3).join(", ")}${paths.length > 3 ? ` and ${paths.length - 3} more` : ""}`;
      process.emitWarning(`${folder} was changed while hosts had copies of it: ${some}`, { code: "QPOD_LAB_BASE_CHANGED" });
    }
  }

  #limitTime(): void {
    const { timeout } = this.#options;
    if (timeout === undefined) return;
    const timer = setTimeout(() => this.#end(new LabError("timeout", { fact: `the lab was ended after its ${timeout} ms` })), timeout);
    timer.unref();
    this.#running?.ended.then(() => clearTimeout(timer));
  }

  #refuseLate(): void {
    if (this.#ended) throw this.#ended;
    if (this.#running) throw new LabError("state", { fact: "the lab is up already", remedy: "Declare all of it before up()." });
  }
}

/** A lab, to be declared: by its methods, or from a topology as data. */
export function lab(topology: Partial<Topology> = {}, options: LabOptions = {}): Lab {
  return new Lab(topology, options);
}
