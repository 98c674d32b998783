import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";
import type { ParameterProperty } from "../../../contract/module.ts";
import { reasonText } from "../../../contract/reasons.ts";
import {
  choiceProperty,
  described,
  lengthOf,
  type Option,
  radioProperty,
  textProperty,
  titled,
} from "./form-properties.ts";
import { attribute, type Element, type Node, textOf, tidy } from "./html-text.ts";

export interface LegacyForm {
  /** By the control's name, in their order. */
  readonly properties: Readonly<Record<string, ParameterProperty>>;
  readonly required: readonly string[];
  /** Parameters that cannot be taken over: the module would not get what it asks for. A clause each. */
  readonly problems: readonly string[];
  /** What else of the form is left behind. A clause each. */
  readonly notes: readonly string[];
}

interface Reading {
  readonly properties: Map<string, ParameterProperty>;
  readonly radios: Map<string, { label: string; options: Option[] }>;
  /** Attributes that were left out, to tell each once. */
  readonly left: Set<string>;
  readonly problems: string[];
  readonly notes: string[];
  /** Text since the last control: the label of the next. */
  label: string;
  /** The last radio button, whose label stands behind it. */
  open: Option | undefined;
  /** The last control of this line or cell: text behind it is about it, and not about the next. */
  last: string | undefined;
}

const parameterName = /^sys_param_[0-9]{1,2}$/;

/**
 * A module's form as parameters: every control named `sys_param_N` with its label, default, options and length. What
 * is not understood is told, never guessed.
 */
export function readHtmlForm(html: string): LegacyForm {
  const reading: Reading = {
    properties: new Map(),
    radios: new Map(),
    left: new Set(),
    problems: [],
    notes: [],
    label: "",
    open: undefined,
    last: undefined,
  };
  walk(parseFragment(html).childNodes, reading);
  endPart(reading);
  const rest = tidy(reading.label);
  if (rest !== "") reading.notes.push(reasonText("form_text", { text: rest.slice(0, 100) }));
  for (const [name, { label, options }] of reading.radios) {
    reading.properties.set(name, radioProperty(name, label, options, reading));
  }
  const byNumber = [...reading.properties].sort(([left], [right]) => numberOf(left) - numberOf(right));
  byNumber.forEach(([name], index) => {
    if (numberOf(name) !== index + 1) reading.problems.push(reasonText("form_gap", { name, number: index + 1 }));
  });
  return {
    properties: Object.fromEntries(byNumber),
    // The old wire leaves an empty value out, so only a choice is surely there.
    required: byNumber.filter(([, property]) => property.enum !== undefined).map(([name]) => name),
    problems: reading.problems,
    notes: reading.notes,
  };
}

function numberOf(name: string): number {
  return Number(name.slice("sys_param_".length));
}

function walk(nodes: readonly Node[], reading: Reading): void {
  for (const node of nodes) {
    if (node.nodeName === "#text") {
      const text = (node as DefaultTreeAdapterTypes.TextNode).value;
      if (reading.open === undefined) reading.label += text;
      else reading.open.label += text;
    } else if ("tagName" in node) {
      onElement(node, reading);
    }
  }
}

/** Elements that begin and end a line or a cell. */
const parts = new Set(
  "address,blockquote,center,dd,div,dl,dt,fieldset,form,h1,h2,h3,h4,h5,h6,hr,legend,li,ol,p,pre,table,tbody,td,tfoot,th,thead,tr,ul".split(
    ",",
  ),
);

/** A line or a cell ends: what stands behind its last control says more of it, or names it when nothing else does. */
function endPart(reading: Reading): void {
  const { last } = reading;
  reading.open = undefined;
  reading.last = undefined;
  const text = tidy(reading.label);
  const property = last === undefined ? undefined : reading.properties.get(last);
  if (last === undefined || property === undefined) {
    reading.label += " ";
    return;
  }
  reading.label = "";
  if (text === "") return;
  const title = text.replace(/^[\s:：]+|[\s:：]+$/gu, "");
  reading.properties.set(
    last,
    property.title === last ? { ...property, ...titled(last, title) } : { ...property, ...described(property, text) },
  );
}

/** Attributes that say how a page behaved. */
const behaviour = /^(?:on.+|pattern|min|max|step|list)$/;

function onElement(element: Element, reading: Reading): void {
  for (const { name } of element.attrs) {
    const what = `${name} ${element.tagName}`;
    if (!behaviour.test(name) || reading.left.has(what)) continue;
    reading.left.add(what);
    reading.notes.push(reasonText("form_attribute", { attribute: name.slice(0, 40), tag: element.tagName }));
  }
  switch (element.tagName) {
    case "input":
      onInput(element, reading);
      return;
    case "select":
      onSelect(element, reading);
      return;
    case "textarea":
      onTextarea(element, reading);
      return;
    case "script":
    case "style":
      reading.notes.push(reasonText("form_script", { tag: element.tagName }));
      return;
    case "button":
      reading.notes.push(reasonText("form_button"));
      return;
    case "br":
      endPart(reading);
      return;
    case "datalist":
      // Its input's `list` was told.
      return;
    case "label":
      walk(element.childNodes, reading);
      reading.open = undefined;
      return;
    default:
      if (parts.has(element.tagName)) endPart(reading);
      walk(element.childNodes, reading);
      if (parts.has(element.tagName)) endPart(reading);
  }
}

function onInput(element: Element, reading: Reading): void {
  const type = (attribute(element, "type") ?? "text").toLowerCase();
  if (type === "submit" || type === "button" || type === "reset" || type === "image") {
    reading.notes.push(reasonText("form_button_named", { label: attribute(element, "value") ?? "" }));
    return;
  }
  const name = nameOf(element, reading);
  if (name === undefined) return;
  if (type === "radio") {
    onRadio(element, name, reading);
    return;
  }
  const value = attribute(element, "value");
  if (type === "hidden") {
    onFixed(name, "", value, reading);
    return;
  }
  const label = takeLabel(reading);
  if (attribute(element, "readonly") !== undefined && type !== "password") {
    onFixed(name, label, value, reading);
    return;
  }
  switch (type) {
    case "text":
    case "search":
    case "tel":
    case "url":
    case "email":
      add(name, textProperty(element, name, label, value, reading), reading);
      return;
    case "number":
      add(name, textProperty(element, name, label, value, reading), reading);
      return;
    case "password":
      if (value !== undefined && value !== "") reading.notes.push(reasonText("form_password", { name }));
      add(
        name,
        { type: "string", ...titled(name, label), ...lengthOf(element, name, reading), format: "password" },
        reading,
      );
      return;
    default:
      reading.problems.push(reasonText("form_input", { name, type: type.slice(0, 40) }));
  }
}

/** A value that nobody can change. */
function onFixed(name: string, label: string, value: string | undefined, reading: Reading): void {
  if (value === undefined || value === "") reading.problems.push(reasonText("form_hidden", { name }));
  else add(name, { type: "string", ...titled(name, label), const: value, default: value }, reading);
}

function onRadio(element: Element, name: string, reading: Reading): void {
  const option: Option = {
    value: attribute(element, "value") ?? "on",
    label: "",
    chosen: attribute(element, "checked") !== undefined,
  };
  const group = reading.radios.get(name);
  if (group === undefined) {
    reading.radios.set(name, { label: takeLabel(reading), options: [option] });
  } else {
    group.options.push(option);
  }
  reading.open = option;
}

function onSelect(element: Element, reading: Reading): void {
  const name = nameOf(element, reading);
  if (name === undefined) return;
  const label = takeLabel(reading);
  if (attribute(element, "multiple") !== undefined) {
    reading.problems.push(reasonText("form_multiple", { name }));
    return;
  }
  const options: Option[] = [];
  collectOptions(element.childNodes, options);
  add(name, choiceProperty(name, label, options, reading), reading);
}

function collectOptions(nodes: readonly Node[], options: Option[]): void {
  for (const node of nodes) {
    if (!("tagName" in node)) continue;
    if (node.tagName === "option") {
      if (attribute(node, "disabled") !== undefined) continue;
      const label = tidy(textOf(node));
      options.push({
        value: attribute(node, "value") ?? label,
        label,
        chosen: attribute(node, "selected") !== undefined,
      });
    } else {
      collectOptions(node.childNodes, options);
    }
  }
}

function onTextarea(element: Element, reading: Reading): void {
  const name = nameOf(element, reading);
  if (name === undefined) return;
  const label = takeLabel(reading);
  const value = element.childNodes.map(textOf).join("").replaceAll("\r\n", "\n");
  add(name, { ...textProperty(element, name, label, value, reading), format: "multiline" }, reading);
}

function add(name: string, property: ParameterProperty, reading: Reading): void {
  if (reading.properties.has(name) || reading.radios.has(name)) {
    reading.problems.push(reasonText("form_twice", { name }));
    return;
  }
  reading.properties.set(name, property);
  if (property.const === undefined) reading.last = name;
}

function nameOf(element: Element, reading: Reading): string | undefined {
  const name = (attribute(element, "name") ?? attribute(element, "id") ?? "").trim();
  if (parameterName.test(name) && attribute(element, "disabled") === undefined) return name;
  reading.label = "";
  if (parameterName.test(name)) {
    reading.notes.push(reasonText("form_disabled", { name }));
    return undefined;
  }
  reading.notes.push(
    name === ""
      ? reasonText("form_nameless", { tag: element.tagName })
      : reasonText("form_stranger", { tag: element.tagName, name: name.slice(0, 40) }),
  );
  return undefined;
}

function takeLabel(reading: Reading): string {
  const label = tidy(reading.label).replace(/[\s:：]+$/u, "");
  reading.label = "";
  reading.open = undefined;
  return label;
}
