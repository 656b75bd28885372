// A model's card: Markdown's headings, paragraphs, lists, tables and code, as elements; everything else stays as it is written.

import { el, table } from "./dom.js";

const LEVEL = 2; // a card's first heading stands below the page's second

/** The elements of a card. */
export function cardView(markdown) {
  const text = markdown.replace(/^---\n[\s\S]*?\n---\n/, "");
  return text
    .split(/\n{2,}(?![^`]*```\n)/)
    .flatMap((block) => blocks(block.replace(/^\n+|\s+$/g, "")))
    .filter(Boolean);
}

/** A heading may stand directly above what it heads. */
function blocks(text) {
  const heading = /^(#{1,4}) +(.*)(?:\n|$)/.exec(text);
  if (!heading) return [text && block(text)];
  const level = Math.min(6, heading[1].length + LEVEL);
  return [el(`h${level}`, {}, inline(heading[2])), ...blocks(text.slice(heading[0].length).replace(/^\n+/, ""))];
}

function block(text) {
  const lines = text.split("\n");
  if (text.startsWith("```")) return el("pre", {}, text.replace(/^```.*\n|\n?```$/g, ""));
  if (lines.length > 1 && lines[0].startsWith("|") && /^\|[\s:|-]+\|$/.test(lines[1])) return grid(lines);
  if (lines.every((line) => /^([-*] | {2,})/.test(line))) return list(text);
  return el("p", {}, inline(text.replaceAll("\n", " ")));
}

function list(text) {
  const items = text.split(/\n(?=[-*] )/).map((item) => item.replace(/^[-*] /, "").replace(/\n\s+/g, " "));
  return el("ul", {}, items.map((item) => el("li", {}, inline(item))));
}

function grid(lines) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  return table("From the model's card", cells(lines[0]), lines.slice(2).map(cells), { wide: true });
}

/** A text with its `code` and **strong** parts as elements. */
function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (/^`.+`$/.test(part)) return el("code", {}, part.slice(1, -1));
    return /^\*\*.+\*\*$/.test(part) ? el("strong", {}, part.slice(2, -2)) : part;
  });
}
