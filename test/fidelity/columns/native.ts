import { homedir } from "node:os";
import type { Column } from "../way.ts";
import { makePlace } from "./workplace.ts";

const native = (as: "root" | "ordinary"): Column => ({
  name: `native, as ${as === "root" ? "root" : "an ordinary user"}`,
  how: "the command itself, with no environment: the reference",
  kind: "native",
  as,
  open(kit) {
    const place = makePlace(kit, kit[as], as === "root" ? homedir() : `/home/${kit[as].name}`);
    return { person: kit[as], ...place, enter: (argv) => [...argv], close: () => place.remove() };
  },
});

export const natives: Column[] = [native("root"), native("ordinary")];
