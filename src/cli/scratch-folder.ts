import { realpathSync } from "node:fs";
import { errnoOf, QpodError } from "../base/errors.ts";
import { visible } from "../base/text.ts";
import { findWorktree } from "../repo/find.ts";

/** The folder that a scratch is of: the one given, else the work tree, else the working directory. Physical. */
export function scratchFolder(given: string | undefined): string {
  const folder = given ?? findWorktree()?.root ?? process.cwd();
  try {
    return realpathSync(folder);
  } catch (error) {
    throw new QpodError({ fact: `cannot open the folder ${visible(folder)}: ${errnoOf(error) ?? error}` });
  }
}
