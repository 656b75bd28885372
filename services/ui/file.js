// A file: chosen or dropped, its columns, the run with its progress, and the file with the answers to be saved.

import { bars } from "./answer.js";
import { decode } from "./csv.js";
import { byId, count, el, sentence, table } from "./dom.js";
import { answerRows, guessColumns, readTable, toRows, withAnswers } from "./table.js";

const MOST_BYTES = 50 * 1024 * 1024; // of a file: it is held in memory
const FAILURES = 5; // shown; the file has all

/** Take files from the chooser, and from where they are dropped. */
export function prepareFile(task) {
  const [choose, drop] = ["file-choose", "file-drop"].map(byId);
  choose.disabled = false;
  choose.onchange = () => choose.files[0] && openFile(choose.files[0], task);
  const over = (event) => {
    event.preventDefault(); // else the browser opens what is dropped
    drop.classList.toggle("over", event.type === "dragover" && drop.contains(event.target));
  };
  for (const name of ["dragover", "dragleave"]) window.addEventListener(name, over);
  window.addEventListener("drop", (event) => {
    over(event);
    const [file] = event.dataTransfer.files;
    if (file && !byId("file-start").disabled) openFile(file, task);
  });
}

async function openFile(file, task) {
  const [form, fault] = ["file-form", "file-fault"].map(byId);
  for (const id of ["file-status", "file-result", "file-columns"]) byId(id).replaceChildren();
  for (const hidden of [form, byId("file-run")]) hidden.hidden = true;
  fault.textContent = "";
  try {
    if (file.size > MOST_BYTES) throw new Error(`expected at most ${MOST_BYTES >> 20} MB, found ${Math.ceil(file.size / 2 ** 20)} MB; divide the file`);
    const { text, encoding, marked } = decode(new Uint8Array(await file.arrayBuffer()));
    const read = { ...readTable(text), name: file.name, marked };
    showColumns(read, encoding, task);
    form.hidden = false;
    form.onsubmit = (event) => {
      event.preventDefault();
      run(read, task);
    };
  } catch (error) {
    fault.textContent = `${file.name}: ${error.message}.`;
  }
}

/** What was read, and for each field a choice of its column with the first text in it. */
function showColumns(read, encoding, task) {
  const divided = { ",": "commas", ";": "semicolons", "\t": "tabs" }[read.delimiter];
  const blank = read.blank ? `; ${count(read.blank, "blank line")} left out` : "";
  byId("file-found").textContent = `${read.name}: ${count(read.rows.length, "row")}, ${count(read.header.length, "column")}, divided by ${divided}, ${encoding}${blank}.`;
  const guessed = guessColumns(read, task.inputs);
  const choices = task.inputs.map((field, n) => {
    const id = `column-${field.name}`;
    const options = read.header.map((name, i) => el("option", { value: i, selected: i === guessed[n] }, name.trim() || `column ${i + 1}`));
    const hint = el("div", { class: "hint", id: `${id}-hint` });
    const select = el("select", { id, "aria-describedby": `${id}-hint` }, options);
    select.onchange = () => (hint.textContent = `in the first row: ${short(read.rows[0][select.value] ?? "")}`);
    select.onchange();
    return el("div", { class: "field" }, el("label", { for: id }, `Column for ${field.title}`), select, hint);
  });
  byId("file-columns").replaceChildren(...choices);
}

async function run(read, task) {
  const [status, stop, result] = ["file-status", "file-stop", "file-result"].map(byId);
  const columns = task.inputs.map((field) => Number(byId(`column-${field.name}`).value));
  const entries = toRows(read, task.inputs, columns);
  const stopped = new AbortController();
  const progress = showProgress(entries.filter((entry) => entry.row).length);
  stop.onclick = () => stopped.abort();
  busy(true);
  result.replaceChildren();
  status.className = "";
  status.textContent = "Asking …";
  let trouble = "";
  try {
    const onWait = (waitS, why) => (status.textContent = `${why}; going on in ${waitS} s.`);
    await answerRows(entries, { maxRows: task.maxRows, signal: stopped.signal, onProgress: progress, onWait });
  } catch (error) {
    trouble = error.name === "AbortError" ? "Stopped. " : `${sentence(error)} `;
  }
  const answered = entries.filter((entry) => entry.answer).length;
  status.textContent = `${trouble}${answered} of ${count(entries.length, "row")} answered.`;
  result.replaceChildren(...resultView(read, entries, task));
  busy(false);
}

function busy(running) {
  const [begin, stop] = ["file-start", "file-stop"].map(byId);
  const focused = [begin, stop].includes(document.activeElement);
  for (const made of [begin, byId("file-choose"), ...byId("file-columns").querySelectorAll("select")]) made.disabled = running;
  stop.hidden = !running;
  if (focused) (running ? stop : (byId("file-result").querySelector("a") ?? begin)).focus(); // a control that goes takes no focus with it
}

/** A function that adds answered rows to the bar. */
function showProgress(all) {
  const [bar, shown] = ["file-progress", "file-count"].map(byId);
  let done = 0;
  const add = (rows) => {
    done += rows;
    bar.value = done;
    shown.textContent = `${done} of ${all}`;
  };
  bar.max = Math.max(1, all);
  byId("file-run").hidden = false;
  add(0);
  return add;
}

let address = ""; // of the file made last; the browser keeps it until it is given back

function resultView(read, entries, task) {
  URL.revokeObjectURL(address);
  const content = (read.marked ? "\ufeff" : "") + withAnswers(read, entries, task.outputs);
  address = URL.createObjectURL(new Blob([content], { type: "text/csv;charset=utf-8" }));
  const name = `${read.name.replace(/\.[^.]*$/, "")}-answers.csv`;
  const link = el("p", {}, el("a", { class: "download", href: address, download: name }, `Save ${name}`));
  const labels = Object.create(null); // a label may have any name
  for (const { answer } of entries) if (typeof answer?.label === "string") labels[answer.label] = (labels[answer.label] ?? 0) + 1;
  const counted = Object.keys(labels).length ? bars("Rows by label", labels, String) : null;
  return [link, failuresView(entries), counted].filter(Boolean);
}

function failuresView(entries) {
  const failed = entries.map((entry, i) => [i + 1, entry]).filter(([, entry]) => !entry.answer);
  if (!failed.length) return null;
  const rows = failed.slice(0, FAILURES).map(([number, entry]) => [String(number), entry.error ?? "not answered"]);
  const more = failed.length > FAILURES ? `, the first ${FAILURES}` : "";
  return table(`${count(failed.length, "row")} without an answer${more}; the file has the reasons in the column error`, ["Row", "Reason"], rows);
}

function short(text) {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
