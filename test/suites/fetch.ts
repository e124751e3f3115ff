import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The upstream source of a package of this system's release, downloaded once. apt is given lists of its own, so that
 * the system's need no sources.
 */
export function fetchSource(name: string, cache: string): string {
  const folder = join(cache, name);
  if (!existsSync(folder) || !findArchive(folder)) {
    mkdirSync(folder, { recursive: true });
    const apt = ["-qq", ...aptOptions(cache)];
    if (!existsSync(join(cache, "lists/updated"))) {
      execFileSync("apt-get", [...apt, "update"], { stdio: ["ignore", "ignore", "inherit"] });
      writeFileSync(join(cache, "lists/updated"), "");
    }
    execFileSync("apt-get", [...apt, "source", "--download-only", name], { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
  }
  const archive = findArchive(folder);
  if (!archive) throw new Error(`the source of ${name} has no archive of its upstream`);
  return archive;
}

function findArchive(folder: string): string | undefined {
  const name = readdirSync(folder).find((one) => /\.orig\.tar\.\w+$/.test(one));
  return name === undefined ? undefined : join(folder, name);
}

function aptOptions(cache: string): string[] {
  for (const name of ["lists/partial", "archives/partial"]) mkdirSync(join(cache, name), { recursive: true });
  const sources = join(cache, "list.sources");
  writeFileSync(sources, systemSources());
  const options = {
    "Dir::Etc::sourcelist": sources,
    "Dir::Etc::sourceparts": "-",
    "Dir::State::lists": join(cache, "lists"),
    "Dir::Cache": cache,
  };
  return Object.entries(options).map(([key, value]) => `-o${key}=${value}`);
}

/** Where the system's packages come from, asked for sources instead. */
function systemSources(): string {
  const folder = "/etc/apt/sources.list.d";
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".sources")) : [];
  if (files.length === 0) throw new Error(`apt's sources are not in ${folder}/*.sources`);
  return files.map((name) => readFileSync(join(folder, name), "utf8").replaceAll(/^Types:.*$/gm, "Types: deb-src")).join("\n");
}
