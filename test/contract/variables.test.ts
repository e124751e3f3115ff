import { beforeAll, expect, test } from "vitest";
import { buildInside, everywhere } from "./everywhere.ts";

const definition = `variables:
  set: {SET_HERE: "by the environment", CFLAGS: -O1}
  pass: [MINE_*, YOURS]
`;

everywhere(
  "variables",
  definition,
  (sandbox) => {
    beforeAll(() => buildInside(sandbox(), "probe"));

    /** What a command gets when its caller has these. */
    async function given(env: Record<string, string>): Promise<Record<string, string>> {
      // By env, since bash itself would complain of an unknown locale.
      const words = Object.entries(env).map(([name, value]) => `'${name}=${value}'`);
      const lines = (await sandbox().say(`exec env ${words.join(" ")} ./probe variables`)).split("\n");
      return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
    }

    test("pass when builds need them or the environment says so", async () => {
      const passing = {
        TERM: "vt220",
        MAKEFLAGS: "k",
        CC: "gcc-10",
        LDFLAGS: "-s",
        SOURCE_DATE_EPOCH: "1",
        MINE_A: "a b",
        MINE_: "",
        YOURS: "two\u00e9",
      };
      expect(await given(passing)).toMatchObject(passing);
    });

    test("of the host's world never pass", async () => {
      const host = {
        PYTHONPATH: "/x",
        LD_LIBRARY_PATH: "/nowhere",
        PERL5LIB: "/x",
        QPOD_ANY: "1",
        MINE: "1",
        YOURSELF: "1",
        EDITOR: "vi",
        GIT_DIR: "/x",
        DBUS_SESSION_BUS_ADDRESS: "x",
        DISPLAY: ":0",
      };
      const names = Object.keys(await given(host));
      expect(names.filter((name) => name in host || /^(LD_|QPOD_|XDG_|PYTHON|CONTAINERS_)/.test(name))).toEqual([]);
    });

    test("set by the environment win", async () => {
      expect(await given({ SET_HERE: "by the caller", CFLAGS: "-O3" })).toMatchObject({ SET_HERE: "by the environment", CFLAGS: "-O1" });
    });

    test("say who the user is, and PATH is the environment's own", async () => {
      const { person, home } = sandbox();
      const { PATH = "", ...rest } = await given({ PATH: `/host-only:${sandbox().env.PATH}`, HOME: home });
      expect(rest).toMatchObject({ HOME: home, USER: person.name, LOGNAME: person.name, SHELL: "/bin/bash" });
      expect(PATH.split(":")).toEqual(expect.arrayContaining(["/usr/bin", "/bin"]));
      expect(PATH).not.toMatch(/host-only|qpod/);
    });

    test("of the locale pass only if the environment has it", async () => {
      expect(await given({ LANG: "C.UTF-8", LC_ALL: "POSIX" })).toMatchObject({ LANG: "C.UTF-8", LC_ALL: "POSIX" });
      const names = Object.keys(await given({ LANG: "tlh_QO.UTF-8", LC_MESSAGES: "tlh_QO.UTF-8", LC_CTYPE: "C.UTF-8" }));
      expect(names).not.toContain("LANG");
      expect(names).not.toContain("LC_MESSAGES");
      expect(names).toContain("LC_CTYPE");
    });

    test("are complete when the caller has none", async () => {
      const names = (await sandbox().say("env -i ./probe variables")).split("\n").map((line) => line.split("=")[0]);
      expect(names.sort()).toEqual(["CFLAGS", "HOME", "LOGNAME", "PATH", "SET_HERE", "SHELL", "USER"]);
    });
  },
  "main",
);
