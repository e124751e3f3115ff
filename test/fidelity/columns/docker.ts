import { homedir } from "node:os";
import { leaveDocker, useDocker, whyNoDocker } from "../../support/docker-daemon.ts";
import type { Column } from "../way.ts";
import { makePlace } from "./workplace.ts";

/** A daemon of the matrix's own. */
export const dockerExec: Column = {
  name: "docker exec, as root",
  how: "`docker exec -it -w DIR` (`-i` without a terminal) in a container of `docker run --network=host -v REPOSITORY:REPOSITORY`",
  kind: "peer",
  as: "root",
  async open(kit) {
    const missing = whyNoDocker();
    if (missing) throw new Error(`docker: ${missing}`);
    const place = makePlace(kit, kit.person("root"), homedir());
    const close = () => {
      try {
        place.must(["docker", "rm", "--force", BOX]);
      } finally {
        leaveDocker();
        place.remove();
      }
    };
    place.env.DOCKER_HOST = useDocker();
    try {
      place.must(["docker", "import", await kit.archive(), "fidelity"], 300_000);
      const mount = `${place.repository}:${place.repository}`;
      place.must(["docker", "run", "--detach", "--network=host", "--name", BOX, "--volume", mount, "fidelity", "sleep", "infinity"]);
    } catch (error) {
      close();
      throw new Error((error as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? String(error));
    }
    const enter = (argv: readonly string[], { terminal, cwd }: { terminal: boolean; cwd: string }) => {
      return ["docker", "exec", terminal ? "-it" : "-i", "-w", cwd, BOX, ...argv];
    };
    return {
      person: kit.person("root"),
      slow: true,
      env: place.env,
      repository: place.repository,
      elsewhere: place.elsewhere,
      enter,
      close,
    };
  },
};

const BOX = "qpod-fidelity";
