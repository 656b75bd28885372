// The page at /ui: what it needs from the service, and the token where the service asks for one.

import { prepareAsk } from "./ask.js";
import { byId, sentence } from "./dom.js";
import { readTask } from "./fields.js";
import { prepareFile } from "./file.js";
import { showModel } from "./model.js";
import { getJson, getText, onToken } from "./service.js";

async function start() {
  onToken(askForToken);
  try {
    const task = readTask(await getJson("docs.json"));
    const facts = await getJson("info");
    prepareAsk(task);
    prepareFile(task);
    showModel(facts, await getText("ui/card"));
  } catch (error) {
    byId("trouble").textContent = `${sentence(error)} Load this page again.`;
    byId("trouble").hidden = false;
    byId("served").textContent = "";
  }
}

/** A token from a person; `refused` says that the one given before is not known. The field is shown until one is given. */
function askForToken(refused) {
  const [form, value, fault] = ["token", "token-value", "token-fault"].map(byId);
  const before = document.activeElement;
  fault.textContent = refused ? "The service does not know this token." : "";
  form.hidden = false;
  value.focus();
  return new Promise((resolve) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      const given = value.value.trim();
      if (!/^[\x21-\x7e]+$/.test(given)) {
        fault.textContent = "A token has letters, digits and signs, and no spaces.";
        return;
      }
      value.value = "";
      form.hidden = true;
      (before && before !== document.body && before.isConnected ? before : byId("main")).focus();
      resolve(given);
    };
  });
}

start();
