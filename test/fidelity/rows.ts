import { ends } from "./rows/ends.ts";
import { inherited } from "./rows/inherited.ts";
import { streams } from "./rows/streams.ts";
import { atTerminal } from "./rows/terminal.ts";
import type { Row } from "./way.ts";

/** Every property, in the order of the page. */
export const rows: readonly Row[] = [...inherited, ...streams, ...ends, ...atTerminal];
