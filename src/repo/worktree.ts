/** A git work tree, found by reading `.git` directly; all paths are physical (no symlinks left). */
export interface Worktree {
  /** The folder that holds `.git`. */
  root: string;
  /** Its own git dir, where HEAD is: `.git`, or `<common>/worktrees/NAME`, or a submodule's. */
  gitDir: string;
  /** The git dir that all work trees of the repository share; the binding is kept here. */
  commonDir: string;
}
