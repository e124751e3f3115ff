import { readFileSync } from "node:fs";
import { findPaths } from "./base/paths.ts";
import { finish } from "./cli/finish.ts";
import { makeOutput } from "./cli/output.ts";
import { wordExplanation } from "./cli/word-explanation.ts";
import { leaveSession } from "./launch/leave-session.ts";
import { decodeExplanation } from "./session/explanation.ts";

/**
 * `qpod explain [--json] [--] COMMAND`: the program in front has asked already and left the answer in a descriptor.
 * A program of its own, since reading all of qpod takes longer than this.
 */
finish(async () => {
  const answer = decodeExplanation(readFileSync(Number(process.env.QPOD_EXPLANATION)));
  delete process.env.QPOD_EXPLANATION;
  leaveSession(process.env, findPaths().runtime);
  const words = process.argv.slice(2);
  const json = words[0] === "--json";
  const command = words.slice(json ? 1 : 0).find((word) => word !== "--") ?? "";
  wordExplanation(command, answer, json, makeOutput());
  return 0;
});
