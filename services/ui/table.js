// A file's rows: which column is which field, asking for the answers batch by batch, and the file with the answers.

import { format, parse, safe, sniff } from "./csv.js";
import { convert } from "./fields.js";
import { post, Refusal } from "./service.js";

const BATCH = 64; // rows in a request at most: answers come often enough to show how far it is
const DIVIDED = new Set([400, 413, 422, 500, 504]); // what fewer rows may get through; the fault of one row is found by halving

/** A CSV text as a table: header, rows, delimiter, blank lines left out. Throws an Error for a text that is none. */
export function readTable(text) {
  const delimiter = sniff(text);
  const { records, blank } = parse(text, delimiter);
  const [header, ...rows] = records;
  if (!header) throw new Error("expected a header line and rows, found an empty file");
  if (!rows.length) throw new Error("expected rows below the header line, found none");
  return { header, rows, delimiter, blank };
}

/** For each field the index of its column: one of its name, else for a lone field the column with the longest texts. */
export function guessColumns(table, inputs) {
  const names = table.header.map((name) => name.trim().toLowerCase());
  const found = inputs.map((field) => names.indexOf(field.name.toLowerCase()));
  if (inputs.length > 1) return found.map((index, n) => (index < 0 ? Math.min(n, names.length - 1) : index));
  return found[0] < 0 ? [longest(table)] : found;
}

function longest({ header, rows }) {
  const some = rows.slice(0, 100);
  const sizes = header.map((_, i) => some.reduce((sum, cells) => sum + (cells[i]?.length ?? 0), 0));
  return sizes.indexOf(Math.max(...sizes));
}

/** For each row of the table either `{row}`, to be asked, or `{error}`: it has no such cell, or one of the wrong form. */
export function toRows(table, inputs, columns) {
  return table.rows.map((cells) => {
    try {
      const row = {};
      for (const [n, field] of inputs.entries()) {
        const cell = cells[columns[n]];
        if (cell === undefined) throw new Error(`expected ${table.header.length} cells, found ${cells.length}`);
        const value = convert(field, cell);
        if (value !== undefined) row[field.name] = value;
      }
      return { row };
    } catch (error) {
      return { error: error.message };
    }
  });
}

/**
 * Ask for the answers to rows, `maxRows` in a request at most; each entry gets an `answer` or an `error`.
 * A row that the service refuses fails alone. Throws when the service can't be reached, or `signal` stops it; what was answered stays.
 */
export async function answerRows(entries, { maxRows, signal, onProgress, onWait }) {
  const waiting = entries.filter((entry) => entry.row);
  const size = Math.min(BATCH, maxRows);
  const ask = async (part) => {
    try {
      const { answers } = await post("predict/batch", { rows: part.map((entry) => entry.row) }, { signal, onWait });
      if (answers.length !== part.length) throw new Error(`expected ${part.length} answers, found ${answers.length}`);
      part.forEach((entry, n) => (entry.answer = answers[n]));
    } catch (error) {
      if (!(error instanceof Refusal && DIVIDED.has(error.status))) throw error;
      if (part.length > 1) {
        const half = part.length >> 1;
        await ask(part.slice(0, half));
        return ask(part.slice(half));
      }
      part[0].error = error.message;
    }
    return onProgress(part.length);
  };
  for (let start = 0; start < waiting.length; start += size) await ask(waiting.slice(start, start + size));
}

/** The file with the answers: its own cells as they are, then a column for each plain value of an answer, and the errors where there are any. */
export function withAnswers(table, entries, outputs) {
  const plain = outputs.filter((field) => field.kind !== "json");
  const columns = plain.length ? plain : outputs;
  const failed = entries.some((entry) => !entry.answer);
  const added = [...columns.map((field) => field.name), ...(failed ? ["error"] : [])];
  const header = [...table.header, ...added.map((name) => safe(unused(name, table.header)))];
  const rows = table.rows.map((cells, i) => {
    const { answer, error = "not answered" } = entries[i];
    const width = Math.max(cells.length, table.header.length);
    const own = Array.from({ length: width }, (_, n) => cells[n] ?? "");
    return [...own, ...columns.map((field) => safe(answer?.[field.name])), ...(failed ? [answer ? "" : safe(error)] : [])];
  });
  return format([header, ...rows], table.delimiter);
}

/** A column's name that the file does not have yet. */
function unused(name, header) {
  return header.includes(name) ? unused(`answer_${name}`, header) : name;
}
