/** What an image says about how to run commands in it. */
export interface ImageConfig {
  /** Variables of the image (`ENV`), PATH among them if it has one. */
  env: Record<string, string>;
  workdir?: string;
  /** `amd64`, `arm64` ... in the OCI spelling. */
  architecture?: string;
}

/** Who the files of a root tree belong to, which decides the id mapping it must be entered with. */
export type Ownership =
  /** As in the image: made by root, or a folder the user gave. */
  | "real"
  /** Shifted into the user's subordinate ids. */
  | "subordinate"
  /** All to the user: made without subordinate ids. */
  | "single";

/** A root filesystem in a folder, ready for the embedded engine. */
export interface RootTree {
  /** Changes when the content does; pods are made anew then. */
  identity: string;
  folder: string;
  ownership: Ownership;
  config: ImageConfig;
}
