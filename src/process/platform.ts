if (process.platform !== "linux") {
  throw new Error(
    `qpod/process works on Linux only, not on ${process.platform}: it starts programs by a launcher of its own.\nOn other systems use node:child_process.`,
  );
}

export {};
