// Arguments and options that several commands have.
export const json = { flags: "--json", description: "answer in JSON, for scripts" };
export const environment = {
  notation: "<environment>",
  description: "name of an environment (`qpod env list`)",
  complete: "environment",
} as const;
export const command = { notation: "<command...>", description: "the command and its arguments", complete: "command" } as const;
