/** A sentence with places, as the catalogue of reasons.ts has them. */

type NameOf<Place extends string> = Place extends `${infer Name}${"?" | "!" | "#"}`
  ? Name
  : // Braces that people are to write, such as {parameter: name}, are no place.
    Place extends "" | `${string}${":" | " "}${string}`
    ? never
    : Place;
type PlacesOf<Template extends string> = Template extends `${string}{${infer Place}}${infer Rest}`
  ? NameOf<Place> | PlacesOf<Rest>
  : never;

/** What fills a template: nothing where it has no places. */
export type ValuesOf<Template extends string> = [PlacesOf<Template>] extends [never]
  ? []
  : [{ readonly [Place in PlacesOf<Template>]: string | number }];

/** The name of a place and its kind: any text, none too (`?`), digits (`#`), or a sentence of the catalogue (`!`). */
export const placeInTemplate = /\{(\w+)([?!#]?)\}/g;

/** The template with its places filled. */
export function filled<Template extends string>(template: Template, ...values: ValuesOf<Template>): string {
  const given: Readonly<Record<string, string | number>> = values[0] ?? {};
  return template.replace(placeInTemplate, (_, place: string) => String(given[place]));
}
