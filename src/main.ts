import packageJson from "../package.json" with { type: "json" };
import { status } from "./base/errors.ts";
import { findPaths } from "./base/paths.ts";
import { finish } from "./cli/finish.ts";
import { makeOutput } from "./cli/output.ts";
import { parseWords } from "./cli/parse.ts";
import { leaveSession } from "./launch/leave-session.ts";

finish(async () => {
  const paths = findPaths();
  leaveSession(process.env, paths.runtime);
  const output = makeOutput();
  const parsed = parseWords(process.argv.slice(2), packageJson.version);
  if ("answer" in parsed) {
    output.text(parsed.answer);
    return status.ok;
  }
  const { run } = await parsed.command.load();
  return run({ args: parsed.args, options: parsed.options, paths, output });
});
