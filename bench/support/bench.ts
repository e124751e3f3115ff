import { resolve } from "node:path";
import { testRootfs } from "../../test/support/rootfs.ts";
import { type BenchUser, findOrdinaryUser } from "./host.ts";
import { Installation } from "./installation.ts";
import type { RowResult } from "./result.ts";
import { type TakeTurns, takeTurns, type Variant } from "./take-turns.ts";
import { World } from "./world.ts";

/** A row of DESIGN's budget table; it may take several lines. */
export interface Row {
  name: string;
  run(bench: Bench): Promise<RowResult>;
}

/** What the rows share: the old root, the worlds, and how many rounds there are. */
export class Bench {
  readonly qpod = new Installation();
  readonly isRoot = process.getuid?.() === 0;
  private readonly worlds: World[] = [];
  private readonly rounds: number | undefined;
  private root: Promise<string> | undefined;

  constructor(rounds?: number) {
    this.rounds = rounds;
  }

  /** A folder with an old distribution. */
  findRoot(): Promise<string> {
    this.root ??= testRootfs();
    return this.root;
  }

  makeWorld(user?: BenchUser): World {
    const world = new World(this.qpod.program, user);
    this.worlds.push(world);
    return world;
  }

  /** Whom to measure as: us; and if we are root, an ordinary user too. */
  users(): { name: string; user: BenchUser | undefined }[] {
    const us = { name: this.isRoot ? "root" : "user", user: undefined };
    const other = this.isRoot ? findOrdinaryUser() : undefined;
    return other ? [us, { name: "user", user: other }] : [us];
  }

  /** @param rounds in a whole run; QPOD_BENCH_ROUNDS may lower it. */
  takeTurns<const Name extends string>(variants: Record<Name, Variant>, options: Omit<TakeTurns, "rounds"> & { rounds: number }) {
    return takeTurns(resolve("dist/bench/take-turns"), variants, {
      ...options,
      rounds: Math.min(options.rounds, this.rounds ?? options.rounds),
    });
  }

  async cleanUp(): Promise<void> {
    for (const world of this.worlds) await world.remove();
    this.qpod.remove();
  }
}
