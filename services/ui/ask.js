// One row: its fields, the answer, the words that drove it.

import { answerView, inWords, wordsView } from "./answer.js";
import { byId, sentence } from "./dom.js";
import { control, fillRow, readRow } from "./fields.js";
import { post } from "./service.js";

/** Put the task's fields on the page, and answer what is written in them. */
export function prepareAsk(task) {
  const form = byId("ask-form");
  byId("ask-fields").replaceChildren(...task.inputs.map(control));
  for (const id of ["ask-send", "ask-example"]) byId(id).disabled = false;
  byId("ask-example").onclick = () => fillRow(task.inputs, task.example);
  form.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  };
  let asked = new AbortController();
  form.onsubmit = async (event) => {
    event.preventDefault();
    asked.abort(); // who asks again does not wait for the answer before
    asked = new AbortController();
    await ask(task, asked.signal);
  };
}

/** The answer at once, the words that drove it when they are found. */
async function ask(task, signal) {
  const [status, wordsStatus] = ["ask-status", "words-status"].map(byId);
  const on = (shown) => ({ signal, onWait: (waitS, why) => (shown.textContent = `${why}; asking again in ${waitS} s.`) });
  for (const id of ["ask-answer", "ask-words", "words-status"]) byId(id).replaceChildren();
  status.className = "";
  status.textContent = "Asking …";
  try {
    const row = readRow(task.inputs);
    const answer = await post("predict", row, on(status));
    status.className = "headline";
    status.textContent = inWords(answer);
    byId("ask-answer").replaceChildren(...answerView(answer));
    if (task.explains) {
      wordsStatus.textContent = "Looking for the words that drove it …";
      const { words: found } = await post("explain", row, on(wordsStatus));
      byId("ask-words").replaceChildren(...wordsView(row, found, task.inputs));
      wordsStatus.textContent = "";
    }
  } catch (error) {
    if (error.name === "AbortError") return;
    const failed = status.className ? wordsStatus : status;
    failed.className = "fault";
    failed.textContent = sentence(error);
  }
}
