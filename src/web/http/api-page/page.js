// Shows openapi.json: text nodes only, nothing from elsewhere, works under the strict content security policy.

const methods = ["get", "post", "put", "patch", "delete"];

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A JSON Schema as text that reads like a type. */
function shape(schema, indent = "") {
  if (schema === undefined || Object.keys(schema).length === 0) return "anything";
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return variants.map((each) => shape(each, indent)).join(" | ");
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `[ ${shape(schema.items, indent)} … ]`;
  if (schema.type === "object" && schema.properties !== undefined) return fields(schema, indent);
  if (schema.type === "object") return `{ [name]: ${shape(schema.additionalProperties, indent)} }`;
  return `${schema.type ?? "anything"}${limits(schema)}`;
}

function fields(schema, indent) {
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties).map(([name, inner]) => {
    const given = inner.default === undefined ? "" : ` = ${JSON.stringify(inner.default)}`;
    return `${indent}  ${name}${required.has(name) ? "" : "?"}: ${shape(inner, `${indent}  `)}${given}`;
  });
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${indent}}`;
}

function limits(schema) {
  const huge = Number.MAX_SAFE_INTEGER;
  const facts = [
    schema.minimum > -huge && `≥ ${schema.minimum}`,
    schema.exclusiveMinimum !== undefined && `> ${schema.exclusiveMinimum}`,
    schema.maximum < huge && `≤ ${schema.maximum}`,
    schema.minLength > 0 && `at least ${schema.minLength} characters`,
    schema.maxLength !== undefined && `at most ${schema.maxLength} characters`,
    schema.format,
  ].filter(Boolean);
  return facts.length === 0 ? "" : ` (${facts.join(", ")})`;
}

function parameterTable(parameters) {
  const rows = parameters.map(({ name, in: place, required, schema }) =>
    element(
      "tr",
      {},
      element("td", {}, element("code", {}, name)),
      element("td", {}, `${place}${required ? "" : ", optional"}`),
      element(
        "td",
        {},
        shape(schema),
        schema?.default === undefined ? "" : `, default ${JSON.stringify(schema.default)}`,
      ),
    ),
  );
  return element("table", {}, ...rows);
}

function contents(title, content) {
  return Object.entries(content ?? {}).flatMap(([type, { schema }]) => [
    element("h3", {}, `${title} `, element("span", { class: "quiet" }, type)),
    ...(type === "application/json" ? [element("pre", {}, shape(schema))] : []),
  ]);
}

function routeOf(path, method, operation) {
  const permission = operation["x-permission"];
  const responses = Object.entries(operation.responses ?? {}).filter(([status]) => /^\d+$/.test(status));
  const body = element(
    "div",
    {},
    element("p", {}, "Permission: ", element("code", {}, permission)),
    ...(operation.parameters === undefined
      ? []
      : [element("h3", {}, "Parameters"), parameterTable(operation.parameters)]),
    ...contents("Body", operation.requestBody?.content),
    ...responses.flatMap(([status, { content }]) =>
      content === undefined ? [element("h3", {}, `Answer ${status}, empty`)] : contents(`Answer ${status}`, content),
    ),
  );
  const details = element(
    "details",
    { id: operation.operationId },
    element(
      "summary",
      {},
      element("span", { class: "method" }, method.toUpperCase()),
      element("code", {}, path),
      element("span", { class: "quiet" }, operation.summary ?? ""),
    ),
    body,
  );
  details.dataset.words = `${method} ${path} ${operation.summary} ${permission} ${operation.operationId}`.toLowerCase();
  return details;
}

function errorTable(errors) {
  const rows = errors.map(({ code, status, title }) =>
    element(
      "tr",
      { id: code },
      element("td", {}, element("code", {}, code)),
      element("td", {}, String(status)),
      element("td", {}, title),
    ),
  );
  const head = element("tr", {}, element("th", {}, "Code"), element("th", {}, "Status"), element("th", {}, "Meaning"));
  return element("table", {}, head, ...rows);
}

function show(api) {
  document.getElementById("version").textContent = api.info.version;
  document.getElementById("about").textContent = api.info.description;
  const routes = document.getElementById("routes");
  const links = document.getElementById("contents");
  routes.replaceChildren();
  for (const { name, description } of api.tags) {
    const section = element(
      "section",
      { id: name },
      element("h2", {}, name),
      element("p", { class: "quiet" }, description),
    );
    for (const [path, operations] of Object.entries(api.paths)) {
      for (const method of methods.filter((each) => operations[each]?.tags?.includes(name))) {
        section.append(routeOf(path, method, operations[method]));
      }
    }
    routes.append(section);
    links.append(element("a", { href: `#${name}` }, name));
  }
  routes.append(element("section", { id: "errors" }, element("h2", {}, "errors"), errorTable(api["x-errors"])));
  links.append(element("a", { href: "#errors" }, "errors"));
  openNamed();
}

function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named === null) return;
  if (named instanceof HTMLDetailsElement) named.open = true;
  named.scrollIntoView();
}

function filter(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  for (const details of document.querySelectorAll("details")) {
    details.hidden = !wanted.every((word) => details.dataset.words.includes(word));
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = wanted.length > 0 && section.querySelector("details:not([hidden])") === null;
  }
}

document.getElementById("find").addEventListener("input", (event) => filter(event.target.value));
addEventListener("hashchange", openNamed);

try {
  const response = await fetch("/api/v1/openapi.json");
  if (!response.ok) throw new Error(`openapi.json: HTTP ${response.status}`);
  show(await response.json());
} catch (error) {
  document.getElementById("routes").textContent = `The API document cannot be read. ${error.message}`;
}
