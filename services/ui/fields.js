// What the task takes and gives, read from the OpenAPI document: so the page fits every task.

import { el } from "./dom.js";

/** The task of a document: its inputs and outputs as fields, rows in a request at most, an example, whether it explains. */
export function readTask(document) {
  const single = document.paths["/predict"].post;
  const content = single.requestBody.content["application/json"];
  const batch = resolve(document, document.paths["/predict/batch"].post.requestBody.content["application/json"].schema);
  return {
    inputs: fields(document, content.schema),
    outputs: fields(document, single.responses["200"].content["application/json"].schema),
    maxRows: batch.properties.rows.maxItems ?? 100,
    example: content.example,
    explains: "/explain" in document.paths,
  };
}

function fields(document, schema) {
  const { properties = {}, required = [] } = resolve(document, schema);
  return Object.entries(properties).map(([name, given]) => {
    const property = resolve(document, given);
    const title = property.title ?? given.title ?? name;
    const hint = given.description ?? property.description ?? "";
    return { name, title, hint, kind: kind(property), options: property.enum ?? [], required: required.includes(name) };
  });
}

/** A schema behind its reference, and of several alternatives the first that is not null. */
function resolve(document, schema) {
  if (schema.$ref) return resolve(document, document.components.schemas[schema.$ref.split("/").pop()]);
  const alternative = schema.anyOf?.find((option) => option.type !== "null");
  return alternative ? { ...schema, ...resolve(document, alternative) } : schema;
}

function kind(property) {
  if (property.enum) return "choice";
  return { string: "text", number: "number", integer: "number", boolean: "boolean" }[property.type] ?? "json";
}

/** A field's control with its label and hint. */
export function control(field) {
  const id = `field-${field.name}`;
  const shared = { id, required: field.required && field.kind !== "boolean" && field.kind !== "text", "aria-describedby": field.hint ? `${id}-hint` : null };
  const made = {
    choice: () => el("select", shared, field.options.map((option) => el("option", { value: option }, String(option)))),
    number: () => el("input", { ...shared, type: "number", step: "any" }),
    boolean: () => el("input", { ...shared, type: "checkbox" }),
    json: () => el("textarea", { ...shared, rows: 4, spellcheck: "false" }),
    text: () => el("textarea", { ...shared, rows: 5 }),
  }[field.kind]();
  const hint = field.hint || field.kind === "json" ? el("div", { class: "hint", id: `${id}-hint` }, field.hint || "as JSON") : null;
  return el("div", { class: "field" }, el("label", { for: id }, field.title), made, hint);
}

/** The row that the controls hold; throws an Error that names a field of the wrong form. */
export function readRow(inputs) {
  const row = {};
  for (const field of inputs) {
    const made = document.getElementById(`field-${field.name}`);
    const value = field.kind === "boolean" ? made.checked : convert(field, made.value);
    if (value !== undefined) row[field.name] = value;
  }
  return row;
}

/** Put a row into the controls. */
export function fillRow(inputs, row) {
  for (const field of inputs) {
    const made = document.getElementById(`field-${field.name}`);
    const value = row[field.name];
    if (field.kind === "boolean") made.checked = Boolean(value);
    else made.value = field.kind === "json" ? JSON.stringify(value ?? null) : String(value ?? "");
  }
}

/** A text as a field's value; undefined where a field that may be missing is empty. Throws an Error for a text of the wrong form. */
export function convert(field, text) {
  if (field.kind === "text") return text === "" && !field.required ? undefined : text;
  if (text.trim() === "" && !field.required) return undefined;
  if (field.kind === "choice") return field.options.find((option) => String(option) === text) ?? text;
  if (field.kind === "number" && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (field.kind === "boolean" && /^(true|false|1|0)$/i.test(text.trim())) return /^(true|1)$/i.test(text.trim());
  if (field.kind === "json") {
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${field.name}: expected JSON`);
    }
  }
  throw new Error(`${field.name}: expected ${field.kind === "number" ? "a number" : "true or false"}`);
}
