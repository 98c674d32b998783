import { defaultZone } from "../../contract/controller.ts";

/** Whose zone is asked for: it names one, or leaves it to its categories. */
export interface ZonedHost {
  readonly appCategoryId: number;
  readonly zone?: string;
}

export interface ZonedCategories {
  readonly functionCategories: readonly { readonly id: number; readonly zone?: string }[];
  readonly appCategories: readonly {
    readonly id: number;
    readonly functionCategoryId: number;
    readonly zone?: string;
  }[];
}

/** The zone of a host: its own, else its app category's, else its function category's, else the default one. */
export function zoneFinder({ functionCategories, appCategories }: ZonedCategories): (host: ZonedHost) => string {
  const functions = new Map(functionCategories.map(({ id, zone }) => [id, zone]));
  const apps = new Map(
    appCategories.map(({ id, functionCategoryId, zone }) => [
      id,
      zone || functions.get(functionCategoryId) || defaultZone,
    ]),
  );
  return (host) => host.zone || (apps.get(host.appCategoryId) ?? defaultZone);
}
