import { QpodError } from "../base/errors.ts";
import { loadEnvironment, requireEnvironment } from "../config/find.ts";
import { publish } from "../engine/publish.ts";
import { endSuperseded } from "../engine/superseded.ts";
import { run as runProgram } from "../process/run.ts";
import type { Input } from "./command.ts";
import { makeMaker } from "./context.ts";

/** Opens an environment's file in the user's editor, then says what is wrong with it, if anything is. */
export async function run({ args, paths, output }: Input): Promise<number> {
  const name = args[0] ?? "";
  const { file } = await requireEnvironment(name, paths);
  const [editor = "vi", ...words] = (process.env.VISUAL || process.env.EDITOR || "vi").split(" ").filter(Boolean);
  const { status: ended } = await runProgram([editor, ...words, file], { inherit: true, remedy: "Set EDITOR to your editor." });
  if (ended !== 0) throw new QpodError({ fact: `${editor} ended with status ${ended}`, remedy: "The file is as the editor left it." });
  await loadEnvironment(name, paths);
  const maker = makeMaker(paths);
  await publish(maker);
  await endSuperseded(maker);
  output.line(`${file} is fine; the next command uses it`);
  return 0;
}
