/** The parts of zod that are used. All of it is five times as large, and every command that reads a definition waits for it. */
export { array, enum, null, record, strictObject, string, toJSONSchema, tuple, union } from "zod";
