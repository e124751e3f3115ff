import type { Ownership } from "../launch/user-namespace.ts";

export type { Ownership };

/** What an image says about how to run commands in it. */
export interface ImageConfig {
  /** Variables of the image (`ENV`), PATH among them if it has one. */
  env: Record<string, string>;
  workdir?: string;
  /** `amd64`, `arm64` ... in the OCI spelling. */
  architecture?: string;
}

/** A root filesystem that is at hand; what policy, entries and pods are compiled from without asking an engine. */
export interface PreparedRoot {
  /** Changes when the content does; pods are made anew then. */
  identity: string;
  config: ImageConfig;
  /** Names in the folders of the root's PATH, sorted: for shims of commands that only the environment has. */
  programs: string[];
  /** Values of LANG and LC_* that work inside, such as `C.UTF-8`. */
  locales: string[];
  /** The embedded engine's: the folder with the tree. Absent when an engine such as podman holds it. */
  tree?: { folder: string; ownership: Ownership };
  /** podman's and docker's: the image id to run. */
  imageId?: string;
  /** The name under which qpod itself fetched or made that image; absent when it was the user's before. */
  fetchedAs?: string;
}
