/** `make elsewhere`: see elsewhere.mk. Writes docs/elsewhere.md. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Column, columns, releases } from "./columns.ts";
import { kept, makeImage, makeKey, makePayload } from "./image.ts";
import { Machine } from "./machine.ts";
import { type Result, writePage } from "./page.ts";

const only = process.env.WHERE ?? "";
/** For one column. */
const time = Number(process.env.MACHINE_SECONDS || 3600) * 1000;

/** What a system said of itself, then the scenario's rows, then what doctor says. */
function tryColumn(machine: Machine, { name, user, setting }: Column): Result {
  if (setting) machine.run("root", `sysctl -w ${setting.name}=${setting.value}`, time);
  const path = "export PATH=/payload/qpod/bin:/usr/local/bin:$PATH";
  const facts = ". /etc/os-release; uname -r; echo $VERSION_CODENAME; podman --version; git --version; cat /sys/kernel/security/lsm";
  const system = machine.run(user, facts, time).stdout.trim().split("\n");
  const { status, stdout } = machine.run(user, `${path}; sh /payload/scenario /payload/tree.tar`, time);
  const doctor = machine.run(user, "cat elsewhere/doctor.json", time).stdout;
  if (setting) machine.run("root", `sysctl -w ${setting.name}=${setting.usual}`, time);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("\t"))
    .map(([verdict = "", row = "", said = ""]) => ({ verdict, row, said }));
  if (status === null) rows.push({ verdict: "wrong", row: "the whole", said: `not done after ${time / 1000} s` });
  return { name, system, rows, doctor: doctor ? JSON.parse(doctor) : [] };
}

const resultOf = ({ name }: Column) => join(kept, `${name}.json`);

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("only root makes the machines' disks");
  const key = makeKey();
  const payload = makePayload();
  for (const release of releases) {
    const chosen = columns.filter((one) => one.release === release && one.name.includes(only));
    if (chosen.length === 0) continue;
    console.log(`${release}: booting`);
    const machine = await Machine.boot(release, makeImage(release), payload, key);
    try {
      for (const column of chosen) {
        const result = tryColumn(machine, column);
        writeFileSync(resultOf(column), JSON.stringify(result));
        for (const { verdict, row, said } of result.rows) console.log(`${column.name}: ${verdict}: ${row}: ${said}`);
        if (result.rows.some(({ verdict }) => verdict === "wrong")) process.exitCode = 1;
      }
    } finally {
      await machine.off();
    }
  }
  // What was found before stands for what was left out.
  const results = columns
    .map(resultOf)
    .filter(existsSync)
    .map((file) => JSON.parse(readFileSync(file, "utf8")) as Result);
  writeFileSync("docs/elsewhere.md", writePage(results));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
