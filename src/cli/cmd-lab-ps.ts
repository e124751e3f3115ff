import { visible } from "../base/text.ts";
import { listKept } from "../lab/kept.ts";
import { listProcesses } from "../lab/processes.ts";
import type { Input } from "./command.ts";

/** Labs that are up, and what runs in their hosts. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const labs = listKept(paths).map(({ name, file, place }) => {
    const hosts = [...place.hosts.keys()];
    return { name, file, pid: place.lab.pid, hosts, commands: listProcesses(place) };
  });
  if (options.json) output.json(labs);
  else if (labs.length === 0) output.line("no lab is up; `qpod lab up FILE` makes one");
  else {
    output.table([
      ["LAB", "PID", "HOSTS", "FILE"],
      ...labs.map((one) => [one.name, String(one.pid), String(one.hosts.length), visible(one.file)]),
    ]);
    for (const { name, commands } of labs)
      for (const { host, pid, command } of commands) output.line(`  ${name}/${host}  ${pid}  ${visible(command)}`);
  }
  return 0;
}
