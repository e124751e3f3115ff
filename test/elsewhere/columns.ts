/** A system to try qpod on, and who tries it. */
export interface Column {
  name: string;
  release: Release;
  user: "root" | "ann";
  /** A kernel setting that is in force meanwhile. */
  setting?: { name: string; value: string; usual: string };
}

/** Newest last; each brings its own kernel, systemd, podman and git. */
export const releases = ["bullseye", "bookworm", "trixie"] as const;
export type Release = (typeof releases)[number];

const plain = releases.flatMap((release): Column[] => [
  { name: `${release}, root`, release, user: "root" },
  { name: `${release}, user`, release, user: "ann" },
]);

export const columns: readonly Column[] = [
  ...plain,
  {
    name: "trixie, user, no user namespaces",
    release: "trixie",
    user: "ann",
    setting: { name: "kernel.unprivileged_userns_clone", value: "0", usual: "1" },
  },
];
