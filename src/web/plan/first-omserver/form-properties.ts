import type { ParameterProperty } from "../../../contract/module.ts";
import { reasonText } from "../../../contract/reasons.ts";
import { attribute, type Element, tidy } from "./html-text.ts";

/** Something that can be chosen. */
export interface Option {
  value: string;
  label: string;
  chosen: boolean;
}

/** What of a control cannot be taken over, and what is left out of it. A clause each. */
interface Told {
  readonly problems: string[];
  readonly notes: string[];
}

/** Labels stand behind their buttons. Where the last button has none, they stood before them: then no label is sure. */
export function radioProperty(name: string, label: string, options: readonly Option[], told: Told): ParameterProperty {
  const labels = options.map((option) => tidy(option.label));
  if (labels.at(-1) !== "" || labels.every((text) => text === "")) return choiceProperty(name, label, options, told);
  told.notes.push(reasonText("form_radio_labels", { name }));
  const sure = /^(.*)[:：]/u.exec(label)?.[1] ?? "";
  return choiceProperty(
    name,
    sure,
    options.map((option) => ({ ...option, label: "" })),
    told,
  );
}

export function choiceProperty(name: string, label: string, options: readonly Option[], told: Told): ParameterProperty {
  const labels = new Map<string, string>();
  for (const option of options) {
    if (labels.has(option.value)) told.notes.push(reasonText("form_option_twice", { name, option: option.value }));
    else labels.set(option.value, tidy(option.label));
  }
  if (labels.size === 0) told.problems.push(reasonText("form_no_option", { name }));
  // Of several preselected ones a browser shows the last (HTML, the select element's selectedness).
  const chosen = options.findLast((option) => option.chosen) ?? options[0];
  if (options.filter((option) => option.chosen).length > 1) {
    told.notes.push(reasonText("form_preselected", { name }));
  }
  const shown = Object.fromEntries(
    [...labels]
      .filter(([value, text]) => text !== "" && text !== value)
      .map(([value, text]) => [value, text.slice(0, 100)]),
  );
  const titles = titled(name, label);
  return {
    type: "string",
    ...titles,
    enum: [...labels.keys()],
    ...(chosen === undefined ? {} : { default: chosen.value }),
    ...(Object.keys(shown).length === 0 ? {} : { "x-zh": { ...titles["x-zh"], enum: shown }, "x-en": { enum: shown } }),
  };
}

export function textProperty(
  element: Element,
  name: string,
  label: string,
  value: string | undefined,
  told: Told,
): ParameterProperty {
  const length = lengthOf(element, name, told);
  const { maxLength } = length;
  const tooLong = value !== undefined && maxLength !== undefined && [...value].length > maxLength;
  if (tooLong) told.notes.push(reasonText("form_default_long", { name, count: maxLength }));
  const withDefault = value !== undefined && value !== "" && !tooLong;
  const titles = titled(name, label);
  const hint = tidy(attribute(element, "placeholder") ?? "");
  return {
    type: "string",
    ...titles,
    ...(hint === "" ? {} : described(titles, hint)),
    ...length,
    ...(withDefault ? { default: value } : {}),
  };
}

export function lengthOf(element: Element, name: string, told: Told): { maxLength?: number } {
  const text = attribute(element, "maxlength");
  if (text === undefined) return {};
  if (/^\s*[0-9]{1,6}\s*$/.test(text) && Number(text) > 0) return { maxLength: Number(text) };
  told.notes.push(reasonText("form_maxlength", { text: text.slice(0, 20), name }));
  return {};
}

export function titled(name: string, label: string): { title: string; "x-zh": { title: string } } {
  const title = label === "" ? name : [...label].slice(0, 100).join("");
  return { title, "x-zh": { title } };
}

export function described(
  property: Pick<ParameterProperty, "x-zh">,
  text: string,
): Pick<ParameterProperty, "description" | "x-zh"> {
  const description = [...text].slice(0, 200).join("");
  return { description, "x-zh": { ...property["x-zh"], description } };
}
