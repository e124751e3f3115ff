import { homedir } from "node:os";
import { whyNoDocker } from "../../support/docker-daemon.ts";
import type { As, Column } from "../way.ts";
import { makePlace } from "./workplace.ts";

export const who: Record<As, string> = { root: "root", ordinary: "an ordinary user", member: "a member of docker's group" };

const native = (as: As): Column => ({
  name: `native, as ${who[as]}`,
  how: "the command itself, with no environment: the reference",
  kind: "native",
  as,
  open(kit) {
    const missing = as === "member" ? whyNoDocker() : undefined;
    if (missing) throw new Error(`docker: ${missing}`);
    const place = makePlace(kit, kit.person(as), as === "root" ? homedir() : `/home/${kit.person(as).name}`);
    return { person: kit.person(as), ...place, enter: (argv) => [...argv], close: () => place.remove() };
  },
});

export const natives: Column[] = [native("root"), native("ordinary"), native("member")];
