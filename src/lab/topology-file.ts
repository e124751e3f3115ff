import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { type Place, QpodError } from "../base/errors.ts";
import { refuseMistakes } from "../config/config-error.ts";
import { describeIssues } from "../config/issues.ts";
import { parseYaml } from "../config/yaml-file.ts";
import { readSmallFile } from "../repo/small-file.ts";
import { checkTopology } from "./check.ts";
import { LabError } from "./errors.ts";
import type { RouteType, Topology } from "./topology.ts";

/** A lab's file as it was read. */
export interface TopologyFile {
  topology: Topology;
  /** A mistake that was found only when the lab was made, with its line and column. */
  placeError(error: unknown): unknown;
}

/** Reads a lab's file. All its mistakes are reported at once, each with its line and column. */
export async function readTopology(file: string): Promise<Topology> {
  return (await readTopologyFile(file)).topology;
}

export async function readTopologyFile(file: string): Promise<TopologyFile> {
  const bytes = readSmallFile(file);
  if (bytes === undefined) throw new QpodError({ fact: "there is no such file", place: { file } });
  return parseTopologyFile(bytes, file);
}

/** The same for its content; folders in it are relative to the file's. */
export async function parseTopology(content: string | Uint8Array, file: string): Promise<Topology> {
  return (await parseTopologyFile(content, file)).topology;
}

async function parseTopologyFile(content: string | Uint8Array, file: string): Promise<TopologyFile> {
  const yaml = await parseYaml(Buffer.from(content), file);
  refuseMistakes(yaml.mistakes);
  if (yaml.data === null || yaml.data === undefined)
    throw new QpodError({ fact: "the file is empty", place: { file, line: 1, column: 1 }, remedy: "docs/lab.md says what belongs here." });
  const z = await import("../base/zod.ts");
  const shape = makeShape(z);
  const result = shape.safeParse(yaml.data);
  const issues = result.success
    ? []
    : describeIssues(result.error.issues, yaml, () => z.toJSONSchema(shape, { io: "input", unrepresentable: "any" }));
  refuseMistakes(issues);
  const topology = convert(result.data as Data, dirname(resolve(file)));
  refuseMistakes(checkTopology(topology).map(({ fact, path, remedy }) => ({ fact, place: yaml.locate(path), remedy })));
  return { topology, placeError: (error) => placeError(error, (path) => yaml.locate(path)) };
}

function placeError(error: unknown, locate: (path: (string | number)[]) => Place): unknown {
  if (!(error instanceof LabError) || !error.path) return error;
  const { code, fact, remedy, path } = error;
  return new LabError(code, { fact, remedy, place: locate(path), cause: error }, path);
}

type Zod = typeof import("../base/zod.ts");
type Data = z.infer<ReturnType<typeof makeShape>>;

/** Every scalar is text, as the reader gives it. */
function makeShape(zod: Zod) {
  const matching = (pattern: RegExp, kind: string, example: string) =>
    zod.string().superRefine((value, context) => {
      if (!pattern.test(value))
        context.addIssue({ code: "custom", message: `"${value}" is no ${kind}`, params: { remedy: `As ${example}.` } });
    });
  const whole = matching(/^\d{1,9}$/, "number", "1500");
  const list = zod.array(zod.string());
  const route = zod.strictObject({
    to: zod.string(),
    via: zod.string().optional(),
    on: zod.string().optional(),
    metric: whole.optional(),
    type: zod.enum(["unicast", "blackhole", "unreachable", "prohibit"]).optional(),
  });
  const root = zod.union([
    matching(/^system$/, "root", '"system", {environment: NAME} or {folder: PATH}'),
    zod.strictObject({ environment: zod.string().optional(), folder: zod.string().optional() }).superRefine((value, context) => {
      if (Object.keys(value).length !== 1)
        context.addIssue({ code: "custom", message: "a root is an environment or a folder", params: { remedy: "Give one of them." } });
    }),
  ]);
  const host = zod.strictObject({
    root: root.optional(),
    forward: zod.enum(["true", "false"]).optional(),
    routes: zod.array(route).optional(),
    nameservers: list.optional(),
    propagation: zod.enum(["slave", "private"]).optional(),
  });
  const time = matching(/^\d+(\.\d+)?(us|ms|s)?$/, "time", "10ms");
  const link = zod.strictObject({
    between: list.superRefine((value, context) => {
      if (value.length !== 2)
        context.addIssue({
          code: "custom",
          message: `a link has two ends, not ${value.length}`,
          params: { remedy: "As [client, server]." },
        });
    }),
    addresses: zod.record(zod.string(), zod.union([zod.string(), list])).optional(),
    interfaces: zod.record(zod.string(), zod.string()).optional(),
    mtu: whole.optional(),
    delay: time.optional(),
    jitter: time.optional(),
    loss: matching(/^\d+(\.\d+)?%?$/, "share", "1%").optional(),
    rate: zod.string().optional(),
  });
  return zod.strictObject({
    hosts: zod.record(zod.string(), host.nullable()),
    switches: zod
      .record(zod.string(), zod.strictObject({ mtu: whole.optional() }).nullable())
      .nullable()
      .optional(),
    links: zod.array(link).nullable().optional(),
  });
}

function convert(data: Data, folder: string): Topology {
  return {
    hosts: mapValues(data.hosts, (host) => {
      const { root, forward, routes, ...rest } = host ?? {};
      return defined({
        ...rest,
        root: typeof root === "object" && root.folder !== undefined ? { folder: resolve(folder, root.folder) } : root,
        forward: forward === undefined ? undefined : forward === "true",
        routes: routes?.map(({ metric, type, ...route }) =>
          defined({ ...route, metric: toNumber(metric), type: type as RouteType | undefined }),
        ),
      });
    }) as Topology["hosts"],
    switches: mapValues(data.switches ?? {}, (one) => defined({ mtu: toNumber(one?.mtu) })) as Topology["switches"],
    links: (data.links ?? []).map(({ mtu, delay, jitter, loss, ...link }) =>
      defined({
        ...link,
        mtu: toNumber(mtu),
        delay: toMilliseconds(delay),
        jitter: toMilliseconds(jitter),
        loss: toNumber(loss?.replace("%", "")),
      }),
    ) as unknown as Topology["links"],
  };
}

function mapValues<T, U>(map: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

/** What was left out is left out. */
function defined<T extends object>(one: T): Partial<T> {
  return Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)) as Partial<T>;
}

const toNumber = (text: string | undefined) => (text === undefined ? undefined : Number(text));

function toMilliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const factor = text.endsWith("us") ? 0.001 : /\ds$/.test(text) ? 1000 : 1;
  return Number.parseFloat(text) * factor;
}
