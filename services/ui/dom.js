// Elements made from texts; nothing on this page is ever set as HTML.

/** An element: `el("td", {class: "number"}, "1")`. A child is an element, a text, or nothing; an attribute of false or null is left out. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** The element with an id of the page. */
export function byId(id) {
  return document.getElementById(id);
}

/** A table of texts; the first cell of each row is its heading. A wide one scrolls inside the page, by keys as well. */
export function table(caption, headings, rows, { numbers = false, wide = false } = {}) {
  const kind = (i) => (numbers && i > 0 ? "number" : null);
  const head = el("tr", {}, headings.map((text, i) => el(text ? "th" : "td", { scope: text ? "col" : null, class: kind(i) }, text)));
  const body = rows.map((cells) => el("tr", {}, cells.map((cell, i) => el(i ? "td" : "th", { scope: i ? null : "row", class: kind(i) }, cell))));
  const made = el("table", {}, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, body));
  return wide ? el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, made) : made;
}

/** A list of names with what they stand for. */
export function definitions(pairs) {
  return el("dl", {}, pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

/** A part that opens on demand. */
export function details(title, ...children) {
  return el("details", {}, el("summary", {}, title), ...children);
}

/** A name of the service as words: `macro_f1` is "macro f1". */
export function words(name) {
  return String(name).replaceAll("_", " ");
}

/** An error as sentences: what is wrong, what helps. */
export function sentence(error) {
  return `${capital([error.message, error.remedy].filter(Boolean).join("; "))}.`;
}

/** A text with a capital at its beginning. */
export function capital(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** A number of things. */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
