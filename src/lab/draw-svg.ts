import { arrange, type Node } from "./draw-arrange.ts";
import type { Topology } from "./topology.ts";

const box = { height: 30, letter: 7.6, padding: 12 };
const label = { size: 11, letter: 6.6, line: 13 };
const row = 74;
const margin = 20;
// What is written at the uppermost and lowest boxes.
const overhang = 32;

interface Placed {
  node: Node;
  x: number;
  y: number;
  width: number;
}

/** The topology as an SVG file: from left to right, each part beside what it was reached from. */
export function drawSvg(topology: Topology): string {
  const roots = arrange(topology);
  const columns = placeColumns(roots);
  const placed = new Map<string, Placed>();
  let next = margin + overhang;
  const put = (node: Node, depth: number): number => {
    const children = node.links.filter(({ to }) => to.isNew).map(({ to }) => put(to, depth + 1));
    const y = children.length > 0 ? ((children[0] ?? 0) + (children.at(-1) ?? 0)) / 2 : next;
    if (children.length === 0) next += row;
    placed.set(node.name, { node, x: columns[depth]?.x ?? margin, y, width: widthOf(node) });
    return y;
  };
  for (const root of roots) put(root, 0);
  const width = Math.max(...columns.map(({ x, width }) => x + width), 0) + margin;
  const height = next - row + box.height + margin + overhang;
  const nodes = [...placed.values()];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="white"/>
${nodes.flatMap((one) => drawLinks(one, placed)).join("\n")}
${nodes.map(drawNode).join("\n")}
</svg>
`;
}

/** Where each depth begins, with room for the labels between. */
function placeColumns(roots: readonly Node[]): { x: number; width: number }[] {
  const columns: { width: number; gap: number }[] = [];
  const visit = (node: Node, depth: number) => {
    const column = columns[depth] ?? { width: 0, gap: 60 };
    columns[depth] = column;
    column.width = Math.max(column.width, widthOf(node));
    for (const { here, there, note, to } of node.links) {
      const longest = Math.max(...[here, there].flatMap(linesOf).map((text) => text.length)) * 2 + note.length + 4;
      column.gap = Math.max(column.gap, longest * label.letter);
      if (to.isNew) visit(to, depth + 1);
    }
  };
  for (const root of roots) visit(root, 0);
  let x = margin;
  return columns.map(({ width, gap }) => {
    const column = { x, width };
    x += width + gap;
    return column;
  });
}

function drawLinks({ node, x, y, width }: Placed, placed: ReadonlyMap<string, Placed>): string[] {
  return node.links.flatMap(({ here, there, note, to }) => {
    const end = placed.get(to.name);
    if (!end) return [];
    const isRight = end.x > x;
    const from = { x: isRight ? x + width : x + width / 2, y: y + box.height / 2 };
    const until = { x: isRight ? end.x : end.x + end.width / 2, y: end.y + box.height / 2 };
    const dash = note ? ' stroke-dasharray="6 3"' : "";
    const line = `<line x1="${round(from.x)}" y1="${round(from.y)}" x2="${round(until.x)}" y2="${round(until.y)}" stroke="#666"${dash}/>`;
    const at = (share: number) => ({ x: from.x + (until.x - from.x) * share, y: from.y + (until.y - from.y) * share });
    return [
      line,
      ...(isRight
        ? [drawText(here, { x: until.x - 6, y: until.y }, from, "near"), drawText(there, { x: until.x - 6, y: until.y }, from, "far")]
        : []),
      ...(note
        ? [
            `<text x="${round(at(0.5).x)}" y="${round(at(0.5).y - 5)}" text-anchor="middle" font-size="${label.size}" fill="#a30">${escapeText(note)}</text>`,
          ]
        : []),
    ];
  });
}

/** Beside the line, where it leaves the one box or reaches the other; on a background that hides no box. */
function drawText(text: string, until: { x: number; y: number }, from: { x: number; y: number }, which: "near" | "far"): string {
  const steep = (until.y - from.y) / Math.max(1, until.x - from.x);
  const x = which === "far" ? until.x : from.x + 6;
  const lines = linesOf(text);
  const wide = Math.max(...lines.map((line) => line.length), 0) * label.letter;
  // Above a line that rises or is level, below one that falls, so that it does not run through the words.
  const middle = which === "far" ? until.y - steep * (wide / 2) : from.y + steep * (wide / 2);
  const shift = Math.abs(steep) * (wide / 2) + 5;
  const above = steep <= 0 === (which === "far") || steep === 0;
  const y = above ? middle - shift - (lines.length - 1) * label.line : middle + shift + label.line - 3;
  return lines
    .map((line, i) => {
      const anchor = which === "far" ? "end" : "start";
      return `<text x="${round(x)}" y="${round(y + i * label.line)}" text-anchor="${anchor}" font-size="${label.size}" fill="#444">${escapeText(line)}</text>`;
    })
    .join("");
}

function drawNode({ node, x, y, width }: Placed): string {
  const shape = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${box.height}"`;
  const look = node.isSwitch ? 'rx="3" fill="#e8f0e0" stroke="#5a7a3a"' : 'rx="12" fill="#e4ecf7" stroke="#3a5a8a"';
  const title = node.isSwitch ? node.name : node.title;
  return `<rect ${shape} ${look}/><text x="${round(x + width / 2)}" y="${y + 20}" text-anchor="middle">${escapeText(title)}</text>`;
}

const widthOf = (node: Node) => node.title.length * box.letter + 2 * box.padding;
const linesOf = (text: string) => (text === "" ? [] : text.split(" "));
const round = (value: number) => Math.round(value * 10) / 10;

function escapeText(text: string): string {
  return text.replaceAll(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
