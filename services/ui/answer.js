// An answer as a person reads it, whatever task it comes from: names with values, bars for scores, the words that drove it.

import { capital, definitions, details, el, table, words } from "./dom.js";

const SHOWN = 12; // bars; the others open on demand
const LEVELS = 4; // of colour
const LEAST = 0.005; // of probability; what moves the answer less has no colour

/** A score as a person reads it. */
export function percent(value) {
  return `${(100 * value).toFixed(1)} %`;
}

/** An answer in one line, for the status that is read aloud. */
export function inWords(answer) {
  if (isLabelled(answer)) return `Answer: ${answer.label}, ${percent(answer.score)}`;
  const [first] = Object.entries(answer).filter(([, value]) => isPlain(value));
  return first ? `Answer: ${words(first[0])} ${first[1]}` : "Answered.";
}

/** The elements of an answer. */
export function answerView(answer) {
  const rest = Object.entries(answer).filter(([name]) => !isLabelled(answer) || (name !== "label" && name !== "score"));
  const plain = rest.filter(([, value]) => isPlain(value));
  const view = plain.length ? [definitions(plain.map(([name, value]) => [words(name), String(value ?? "none")]))] : [];
  for (const [name, value] of rest.filter(([, value]) => !isPlain(value))) {
    view.push(isScores(value) ? bars(capital(words(name)), value) : el("div", {}, el("p", { class: "label" }, words(name)), el("pre", {}, JSON.stringify(value, null, 2))));
  }
  return view;
}

const isPlain = (value) => value === null || typeof value !== "object";
const isLabelled = (answer) => typeof answer.label === "string" && typeof answer.score === "number";
const isScores = (value) => !Array.isArray(value) && Object.values(value).length > 0 && Object.values(value).every((score) => typeof score === "number");

/** Bars for numbers by name, the largest first. `format` makes a number a text. */
export function bars(caption, numbers, format = null) {
  const sorted = Object.entries(numbers).sort(([, a], [, b]) => b - a);
  const most = Math.max(...sorted.map(([, value]) => Math.abs(value)));
  const shares = most <= 1 && sorted.every(([, value]) => value >= 0);
  const show = format ?? (shares ? percent : (value) => value.toPrecision(4));
  const full = shares && !format ? 1 : most || 1;
  const make = (entries, offset, title) => barTable(title, entries.map(([name, value]) => [name, value / full, show(value)]), offset);
  const first = make(sorted.slice(0, SHOWN), 0, caption);
  if (sorted.length <= SHOWN) return first;
  return el("div", {}, first, details(`${sorted.length - SHOWN} more`, make(sorted.slice(SHOWN), SHOWN, `${caption}, the others`)));
}

function barTable(caption, rows, offset) {
  const made = rows.map(([name, share, text], n) => {
    const fill = el("span", { class: "fill" });
    fill.style.inlineSize = `${100 * Math.max(0, share)}%`;
    const bar = el("td", { class: "bar", "aria-hidden": "true" }, el("span", { class: "track" }, fill));
    return el("tr", { class: n + offset === 0 ? "best" : null }, el("th", { scope: "row" }, name), bar, el("td", { class: "number" }, text));
  });
  return el("table", { class: "bars" }, el("caption", {}, caption), el("tbody", {}, made));
}

/** The elements of the words that drove an answer: the texts in colour, and a table of the same. `row` has the texts. */
export function wordsView(row, explained, fields) {
  const all = Object.values(explained).flat();
  const most = Math.max(LEAST, ...all.map(([, weight]) => Math.abs(weight)));
  const texts = Object.entries(explained).flatMap(([name, weights]) => {
    const title = fields.find((field) => field.name === name)?.title ?? name;
    const label = Object.keys(explained).length > 1 ? el("p", { class: "label" }, title) : null;
    return [label, el("p", { class: "words" }, coloured(row[name], weights, most))];
  });
  const moved = all.some(([, weight]) => Math.abs(weight) >= LEAST);
  const legend = el("p", { class: "hint legend" }, el("span", { class: "for-3" }, "speaks for the answer"), " ", el("span", { class: "against-3" }, "speaks against it"));
  const none = el("p", { class: "hint" }, "No word alone moves the answer by half a point or more.");
  const sorted = [...all].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a)).map(([word, weight]) => [word, points(weight)]);
  const list = table("Points of probability that the answer loses without the word", ["Word", "Points"], sorted, { numbers: true });
  return [el("h3", {}, "Words that drove it"), ...texts.filter(Boolean), moved ? legend : none, details("The words as a list", list)];
}

/** A text in pieces: the words with a weight that counts coloured, all else as it is. Between two words there are only spaces. */
function coloured(text, weights, most) {
  const pieces = [];
  let at = 0;
  for (const [word, weight] of weights) {
    const start = text.indexOf(word, at);
    if (start < 0) continue;
    pieces.push(text.slice(at, start), mark(word, weight, most));
    at = start + word.length;
  }
  return [...pieces, text.slice(at)].filter((piece) => piece !== "");
}

function mark(word, weight, most) {
  if (Math.abs(weight) < LEAST) return word;
  const level = Math.max(1, Math.ceil((LEVELS * Math.abs(weight)) / most));
  return el("span", { class: `${weight > 0 ? "for" : "against"}-${level}`, title: `${points(weight)} points` }, word);
}

/** A weight with its sign, in points of probability. */
function points(weight) {
  const text = (100 * Math.abs(weight)).toFixed(1);
  return text === "0.0" ? text : `${weight > 0 ? "+" : "−"}${text}`;
}
