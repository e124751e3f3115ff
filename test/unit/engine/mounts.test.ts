import { describe, expect, it } from "vitest";
import type { Pod } from "../../../src/engine/engine.ts";
import { mountsOf } from "../../../src/engine/mounts.ts";
import { aPod, paths } from "./a-pod.ts";

/** `source -> target` where they differ, with the marks of a read-only and an optional one. */
function show(pod: Pod, env: Record<string, string> = {}): string[] {
  return mountsOf(pod, paths, env).map(({ source, target, readOnly, optional }) => {
    const marks = `${readOnly ? " ro" : ""}${optional ? " optional" : ""}`;
    return (source === target ? target : `${source} -> ${target}`) + marks;
  });
}

const home = "/home/u/.local/share/qpod/homes/old-tree-1 -> /home/u";

describe("what a pod sees of the host", () => {
  it("is the devices, the temporary folder, an own home and the work tree, parents first", () => {
    expect(show(aPod())).toEqual(["/dev", "/tmp", home, "/home/u/src/tree"]);
  });

  it("is the work tree under a fixed path too", () => {
    expect(show(aPod({ path: "/qpod" }))).toEqual(["/dev", "/tmp", "/home/u/src/tree -> /qpod", home, "/home/u/src/tree"]);
  });

  it("is the git folder of a linked work tree, which lies outside of it", () => {
    const pod = aPod();
    pod.worktree.commonDir = "/home/u/main/.git";
    pod.worktree.gitDir = "/home/u/main/.git/worktrees/tree";
    expect(show(pod)).toContain("/home/u/main/.git");
    expect(show(pod)).not.toContain("/home/u/main/.git/worktrees/tree");
  });

  it("is the git folder that a submodule has in the repository around it", () => {
    const pod = aPod();
    pod.worktree.commonDir = pod.worktree.gitDir = "/home/u/super/.git/modules/tree";
    expect(show(pod)).toContain("/home/u/super/.git/modules/tree");
  });

  it("is the real home when that is shared, and then no share that lies in it", () => {
    expect(show(aPod({ share: ["home", "gitconfig", "ccache"] }))).toEqual(["/dev", "/tmp", "/home/u", "/home/u/src/tree"]);
  });

  it("is the home as the work tree shows it when that is around the home", () => {
    expect(show(aPod({}, "/home/u"))).toEqual(["/dev", "/tmp", "/home/u"]);
    expect(show(aPod({}, "/home"))).toEqual(["/dev", "/tmp", "/home"]);
  });
});

describe("shares", () => {
  it("bring git's settings, read-only", () => {
    expect(show(aPod({ share: ["gitconfig"] }))).toEqual(
      expect.arrayContaining(["/home/u/.gitconfig ro optional", "/home/u/.config/git ro optional"]),
    );
  });

  it("bring the compiler cache from where it is", () => {
    expect(show(aPod({ share: ["ccache"] }))).toEqual(
      expect.arrayContaining(["/home/u/.ccache optional", "/home/u/.cache/ccache optional"]),
    );
    expect(show(aPod({ share: ["ccache"] }), { CCACHE_DIR: "/big/cc" })).toContain("/big/cc optional");
  });

  it("bring the agent's socket, unless /tmp shows it already", () => {
    const pod = aPod({ share: ["ssh-agent"] });
    expect(show(pod, { SSH_AUTH_SOCK: "/run/user/1/agent" })).toContain("/run/user/1/agent optional");
    expect(show(pod, { SSH_AUTH_SOCK: "/tmp/ssh-1/agent" })).toEqual(show(aPod()));
    expect(show(pod)).toEqual(show(aPod()));
  });

  it("bring the cookie of the display; its socket is in /tmp", () => {
    expect(show(aPod({ share: ["x11"] }), { XAUTHORITY: "/run/x/cookie" })).toEqual(expect.arrayContaining(["/run/x/cookie ro optional"]));
    expect(show(aPod({ share: ["x11"] }))).not.toContain("/tmp/.X11-unix optional");
  });

  it("bring a display's socket when the environment has another /tmp", () => {
    const mounts = [{ source: "/scratch", target: "/tmp", readOnly: false }];
    expect(show(aPod({ share: ["x11"], mounts }))).toContain("/tmp/.X11-unix optional");
  });
});

describe("the environment's own mounts", () => {
  it("win over ours at the same place, but never over the work tree", () => {
    const mounts = [
      { source: "/scratch", target: "/tmp", readOnly: false },
      { source: "/elsewhere", target: "/home/u/src/tree", readOnly: true },
    ];
    expect(show(aPod({ mounts }))).toEqual(["/dev", "/scratch -> /tmp", home, "/home/u/src/tree"]);
  });

  it("come after what they lie in, wherever the definition names them", () => {
    const mounts = [
      { source: "/a/deep", target: "/opt/x/deep", readOnly: true },
      { source: "/a", target: "/opt/x", readOnly: true },
    ];
    const shown = show(aPod({ mounts }));
    expect(shown.indexOf("/a -> /opt/x ro")).toBeLessThan(shown.indexOf("/a/deep -> /opt/x/deep ro"));
  });
});
