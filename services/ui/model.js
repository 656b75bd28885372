// The model: what the service says of it, its metrics beside its baselines', its card, its lineage.

import { cardView } from "./card.js";
import { byId, count, definitions, details, el, table, words } from "./dom.js";

/** Put on the page what `/info` says, and the card. */
export function showModel(facts, card) {
  const labels = facts.labels ? ` · ${count(facts.labels.length, "label")}` : "";
  const approved = facts.approved ? el("span", { class: "good" }, "approved") : el("span", { class: "fault" }, `NOT approved: ${facts.reasons.join("; ")}`);
  byId("served").replaceChildren(`${words(facts.task)}${labels} · `, approved);
  document.title = `Hugline: ${words(facts.task)}`;
  const known = definitions([
    ["Approved", facts.approved ? "yes" : `no: ${facts.reasons.join("; ")}`],
    ["Version", facts.version ?? "not built"],
    ["Fine-tuned from", [facts.model.id, facts.model.revision].filter(Boolean).join(" at ")],
    ["Licence", facts.model.licence ?? "as its authors say"],
    ["Labels", facts.labels?.join(", ") ?? "none"],
  ]);
  const lineage = Object.entries(facts.lineage ?? {}).filter(([, value]) => value && Object.keys(value).length);
  const origin = details("Lineage", ...lineage.map(([name, value]) => el("div", {}, el("h3", {}, words(name)), definitions(Object.entries(value).map(([k, v]) => [k, String(v)])))));
  const written = card ? details("The model's card", ...cardView(card)) : "";
  byId("model-facts").replaceChildren(known, metricsView(facts.metrics), written, origin);
}

/** The metrics of the model and, where they have the same, of its baselines. */
function metricsView(metrics) {
  const baselines = Object.entries(metrics.baselines ?? {});
  const names = Object.keys(metrics).filter((name) => typeof metrics[name] === "number" && name !== "rows");
  const show = (value) => (typeof value === "number" ? value.toFixed(4) : "");
  const rows = names.map((name) => [words(name), show(metrics[name]), ...baselines.map(([, found]) => show(found[name]))]);
  const caption = `Metrics on ${count(metrics.rows ?? 0, "test row")}`;
  return table(caption, ["Metric", "This model", ...baselines.map(([name]) => words(name))], rows, { numbers: true, wide: true });
}
