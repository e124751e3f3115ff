import { join } from "node:path";
import type { Setting } from "./merge-settings.ts";
import type { Workplace } from "./workplace.ts";

/** The files of VS Code's in the work tree, and what they need to say. */
export function vscodeFiles(place: Workplace): { file: string; settings: Setting[] }[] {
  return [
    { file: ".vscode/settings.json", settings: editorSettings(place) },
    { file: ".vscode/launch.json", settings: debuggerSettings(place) },
  ];
}

function editorSettings({ folder }: Workplace): Setting[] {
  return [
    { at: ["clangd.path"], value: join(folder, "clangd") },
    { at: ["terminal.integrated.profiles.linux", "qpod"], value: { path: join(folder, "qpod-shell") } },
    { at: ["terminal.integrated.defaultProfile.linux"], value: "qpod" },
  ];
}

function debuggerSettings({ folder, environment, path }: Workplace): Setting[] {
  const debug = {
    name: `${environment} (qpod)`,
    type: "cppdbg",
    request: "launch",
    MIMode: "gdb",
    miDebuggerPath: join(folder, "gdb"),
    program: "${workspaceFolder}/${input:program}",
    args: [],
    cwd: "${workspaceFolder}",
    ...(path === undefined ? {} : { sourceFileMap: { [path]: "${workspaceFolder}" } }),
  };
  const program = { id: "program", type: "promptString", description: "The program, from the repository's top" };
  return [
    { at: ["version"], value: "0.2.0" },
    { at: ["configurations", 0], value: debug },
    { at: ["inputs", 0], value: program },
  ];
}
