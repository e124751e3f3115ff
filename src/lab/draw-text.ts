import { arrange, type Node } from "./draw-arrange.ts";
import type { Topology } from "./topology.ts";

/** The topology for a terminal: each part under the one that it was reached from first. */
export function drawText(topology: Topology): string {
  const lines: string[] = [];
  for (const root of arrange(topology)) {
    lines.push(root.title);
    drawChildren(root, "", lines);
  }
  return `${lines.join("\n")}\n`;
}

function drawChildren(node: Node, indent: string, lines: string[]): void {
  node.links.forEach((link, i) => {
    const isLast = i === node.links.length - 1;
    const ends = [link.here, link.note, link.there].filter(Boolean).join(" ── ");
    const other = link.to.isNew ? link.to.title : `${link.to.title} (above)`;
    lines.push(`${indent}${isLast ? "└─" : "├─"} ${ends}${ends ? " ── " : ""}${other}`);
    if (link.to.isNew) drawChildren(link.to, `${indent}${isLast ? "   " : "│  "}`, lines);
  });
}
