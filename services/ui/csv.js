// CSV as RFC 4180 has it (https://www.rfc-editor.org/rfc/rfc4180), read and written; also with semicolons, tabs and other line ends.

const DELIMITERS = [",", ";", "\t"];
const FORMULA = /^[=+\-@\t\r]/; // what a spreadsheet would compute

/** The text of a file: UTF-8, UTF-16 with a byte order mark, else Windows-1252; `marked` says whether spreadsheets need a mark to read it back. */
export function decode(bytes) {
  const [a, b] = bytes;
  if (a === 0x50 && b === 0x4b) throw new Error("expected a CSV file, found a spreadsheet or an archive; save it as CSV");
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return { text: new TextDecoder(a === 0xff ? "utf-16le" : "utf-16be").decode(bytes), encoding: "UTF-16", marked: true };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "UTF-8", marked: a === 0xef && b === 0xbb };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "Windows-1252", marked: true };
  }
}

/** The delimiter that divides the header line into most cells. */
export function sniff(text) {
  const cells = DELIMITERS.map((delimiter) => readRecord(text, 0, cellReader(text, delimiter)).cells.length);
  return DELIMITERS[cells.indexOf(Math.max(...cells))];
}

/** The records of a text, each a list of cells, and the number of blank lines, which are no records. A quoted empty cell is one. */
export function parse(text, delimiter) {
  const read = cellReader(text, delimiter);
  const records = [];
  let blank = 0;
  for (let at = 0; at < text.length; ) {
    const { cells, next } = readRecord(text, at, read);
    if (cells.length === 1 && cells[0] === "" && text[at] !== '"') blank += 1;
    else records.push(cells);
    at = next;
  }
  return { records, blank };
}

function readRecord(text, start, read) {
  const cells = [];
  for (let at = start; ; ) {
    const { cell, end } = read(at);
    cells.push(cell);
    if (end < text.length && text[end] !== "\r" && text[end] !== "\n") at = end + 1;
    else return { cells, next: end + (text.startsWith("\r\n", end) ? 2 : 1) };
  }
}

/** A function that reads the cell at a place: its content, and the place of the delimiter or line end behind it. */
function cellReader(text, delimiter) {
  const plain = new RegExp(`[^${delimiter}\r\n]*`, "y");
  return (start) => {
    const { cell, end } = text[start] === '"' ? quoted(text, start) : { cell: "", end: start };
    plain.lastIndex = end;
    const [rest] = plain.exec(text); // behind a closing quote there should be nothing; what there is, is kept
    return { cell: cell + rest, end: end + rest.length };
  };
}

function quoted(text, start) {
  let cell = "";
  for (let at = start + 1; ; ) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new Error(`expected a closing quote, found the end of the file; the quote is opened in line ${line(text, start)}`);
    cell += text.slice(at, end);
    if (text[end + 1] !== '"') return { cell, end: end + 1 };
    cell += '"';
    at = end + 2;
  }
}

function line(text, at) {
  return text.slice(0, at).split(/\r\n|\r|\n/).length;
}

/** Records as a text, cells quoted where they must be. */
export function format(records, delimiter) {
  const special = new RegExp(`["\r\n${delimiter}]|^ | $`);
  const cell = (text) => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return records.map((cells) => `${cells.map(cell).join(delimiter)}\r\n`).join("");
}

/** A value of an answer as a cell that no spreadsheet takes for a formula. */
export function safe(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return FORMULA.test(text) ? `'${text}` : text;
}
