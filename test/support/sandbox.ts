import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { dockerMember, leaveDocker, useDocker, whyNoDocker } from "./docker-daemon.ts";
import type { Installation } from "./installation.ts";
import { asPerson, findPeople, lookUp, type Person } from "./person.ts";
import { leavePodmanService, usePodmanService } from "./podman-service.ts";
import { testRootfs } from "./rootfs.ts";
import {
  type ArchiveSize,
  endPause,
  hasPodman,
  podmanStore,
  removeContainers,
  removeDockerContainers,
  testArchive,
} from "./sandbox-podman.ts";
import { Workshop } from "./workshop.ts";

export type EngineName = "embedded" | "podman" | "docker";

/** One of the worlds that must all behave alike. */
export interface Setting {
  engine: EngineName;
  person: Person;
  /** Commands are handed to the pod's own process, as where namespaces cannot be lent. */
  isServed?: true;
  /** docker's client talks to root's podman. */
  isPodmans?: true;
  title: string;
}

export type Which = "usual" | "main" | "members";

/**
 * Every engine for everybody; only what this machine has.
 * @param which `main` adds docker, whose pods differ in what few suites look at (ENGINES=all adds it to every suite);
 *   `members` are only those who may use an engine of root's and are not root.
 */
export function findSettings(which: Which = "usual"): Setting[] {
  if (which === "members") return [...dockerSettings().filter(({ person }) => person.uid !== 0), ...podmanServiceSettings()];
  const engines: EngineName[] = hasPodman() ? ["embedded", "podman"] : ["embedded"];
  const usual = engines.flatMap((engine) => findPeople().map((person) => ({ engine, person, title: `${engine}, as ${person.name}` })));
  return which === "main" || process.env.ENGINES === "all" ? [...usual, ...dockerSettings()] : usual;
}

/** For what an ordinary user may do, and root may then, too: their settings, or root's where there is nobody else. */
export function ordinarySettings(): Setting[] {
  const all = findSettings();
  const ordinary = all.filter(({ person }) => person.uid !== 0);
  return ordinary.length > 0 ? ordinary : all;
}

function dockerSettings(): Setting[] {
  if (whyNoDocker() !== undefined) return [];
  const [root] = findPeople();
  const member = dockerMember();
  return [
    ...(root ? [{ engine: "docker", person: root, title: "docker, as root" } as const] : []),
    { engine: "docker", person: member, title: "docker, as member" },
    { engine: "docker", person: member, isServed: true, title: "docker serving, as member" },
  ];
}

function podmanServiceSettings(): Setting[] {
  if (whyNoDocker() !== undefined || !hasPodman()) return [];
  return [{ engine: "docker", person: dockerMember(), isPodmans: true, title: "podman by its socket, as member" }];
}

export interface Outcome {
  /** As a shell says it: 128 + n for death by signal n. */
  status: number;
  stdout: string;
  stderr: string;
}

export interface SessionOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
}

/** A session that runs one script after the other: starting one anew for each takes most of a suite's time. */
interface Running {
  ask(name: string): Promise<string | undefined>;
  said(): string;
  end(): void;
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** A home in which an environment is defined on one engine, and repositories are bound to it. */
export class Sandbox extends Workshop {
  readonly engine: EngineName;
  readonly installation: Installation;
  #root = "";
  readonly #isPodmans: boolean;
  #session: Running | undefined;
  #scripts = 0;

  constructor({ engine, person, isServed, isPodmans }: Setting, installation: Installation) {
    super(person, installation);
    this.engine = engine;
    this.installation = installation;
    this.env.SHELL = "/bin/bash";
    if (engine === "podman") Object.assign(this.env, podmanStore(person));
    this.#isPodmans = isPodmans === true;
    if (isPodmans) this.env.CONTAINER_HOST = usePodmanService(podmanStore(lookUp("root")));
    else if (engine === "docker") this.env.DOCKER_HOST = useDocker();
    if (isServed) this.env.QPOD_SERVE = "1";
  }

  /**
   * Defines the environment `old` and binds the repository to it.
   * @param options.own a small root that its user may change; root's tree is not an ordinary user's to change.
   */
  async furnish(more = "", options: { own?: boolean | ArchiveSize } = {}): Promise<void> {
    if (options.own) this.#root = `archive: ${await testArchive(options.own === true ? "small" : options.own)}`;
    else this.#root = this.engine === "embedded" ? `rootfs: ${await testRootfs()}` : `archive: ${await testArchive()}`;
    this.define("old", more);
    this.makeRepository();
    this.must([this.qpod, "init", "old"]);
  }

  get qpod(): string {
    return this.installation.qpod;
  }

  define(name: string, more = ""): string {
    return this.write(`home/.config/qpod/environments/${name}.yaml`, `${this.#root}\nengine: ${this.engine}\n${more}`);
  }

  /** A repository with one commit in the home folder, which is the default one's place. */
  makeRepository(folder = this.repository): string {
    this.must(["mkdir", "-p", folder], this.home);
    this.must(["git", "init", "--quiet", "--initial-branch=main"], folder);
    this.must(
      ["git", "-c", "user.name=Q", "-c", "user.email=q@example.com", "commit", "--quiet", "--allow-empty", "--message=Begin"],
      folder,
    );
    return folder;
  }

  /** A program in the repository. */
  program(name: string, text: string): string {
    return this.write(`home/src/tool/${name}`, `#!/bin/sh\n${text}\n`, 0o755);
  }

  /** Runs a bash script in the sandbox's session, which goes on; to its end. */
  async session(script: string, options: SessionOptions = {}): Promise<Outcome> {
    this.#session ??= this.#startSession();
    const name = String(++this.#scripts);
    const { cwd = this.repository, env = {}, input = "" } = options;
    const exports = Object.entries(env).map(([key, value]) => `export ${key}=${quote(value)}\n`);
    this.write(`scripts/${name}.sh`, `${exports.join("")}cd ${quote(cwd)} || exit 96\n${script}\n`);
    this.write(`scripts/${name}.in`, input);
    const answer = await this.#session.ask(name);
    if (answer === undefined) throw new Error(`the session ended: ${this.#session.said()}`);
    const read = (kind: string) => readFileSync(join(this.folder, `scripts/${name}.${kind}`), "utf8");
    return { status: Number(answer), stdout: read("out"), stderr: read("err") };
  }

  /** What the script wrote, if all went well. */
  async say(script: string, options: SessionOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.session(script, options);
    if (status !== 0 || stderr !== "") throw new Error(`status ${status} of ${script}\n${stdout}${stderr}`);
    return stdout.trimEnd();
  }

  /** The next script gets a new session. */
  leaveSession(): void {
    this.#session?.end();
    this.#session = undefined;
  }

  #startSession(): Running {
    const scripts = this.makeFolder("scripts");
    const loop = `while read -r n; do bash ${scripts}/$n.sh < ${scripts}/$n.in > ${scripts}/$n.out 2> ${scripts}/$n.err; echo $?; done`;
    const child = this.start(["qpod-shell", "-c", loop], { cwd: this.home });
    let said = "";
    child.stderr?.on("data", (chunk) => (said += chunk));
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    return {
      ask: async (name) => {
        child.stdin?.write(`${name}\n`);
        return (await lines.next()).value as string | undefined;
      },
      said: () => said,
      end: () => child.stdin?.end(),
    };
  }

  /** `qpod ARGS` outside of a session. */
  command(args: readonly string[], options: SessionOptions = {}): Outcome {
    return this.#settle(this.run([this.qpod, ...args], this.#with(options)));
  }

  /** The same, running on while the test does something else. */
  start(argv: readonly string[], options: SessionOptions = {}): ChildProcess {
    const [program, ...args] = asPerson(this.person, argv);
    const { cwd, env } = { cwd: this.repository, env: this.env, ...this.#with(options) };
    return spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  }

  /** Pods that are up. */
  pods(): { id: string; pid: number; environment: string; worktree: string; commands: { pid: number; command: string }[] }[] {
    return JSON.parse(this.must([this.qpod, "ps", "--json"]));
  }

  override remove(): void {
    this.leaveSession();
    if (this.engine === "podman") {
      // First, for it calls podman, which starts the process that is ended here.
      this.command(["down", "--all"]);
      removeContainers(this.person, this.folder, this.env);
      endPause(this.person);
    }
    if (this.engine === "docker") {
      removeDockerContainers(this.folder, { DOCKER_HOST: this.env.CONTAINER_HOST ?? this.env.DOCKER_HOST ?? "" });
      if (this.#isPodmans) leavePodmanService();
      else leaveDocker();
    }
    super.remove();
  }

  #with(options: SessionOptions) {
    return { ...options, ...(options.env ? { env: { ...this.env, ...options.env } } : {}) };
  }

  #settle({
    status,
    signal,
    stdout,
    stderr,
  }: {
    status: number | null;
    signal: NodeJS.Signals | null;
    stdout: string;
    stderr: string;
  }): Outcome {
    if (status === null) throw new Error(`ended by ${signal}: ${stdout}${stderr}`);
    return { status, stdout, stderr };
  }
}
