import { type AddressWords, parseAddress } from "./ip-address.ts";

/** What the query language knows of a host; the store's `Host` is one. */
export interface QueryHost {
  readonly id: number;
  readonly name: string;
  readonly appCategoryId: number;
  readonly outerAddress: string;
  readonly innerAddress: string;
  readonly port: number;
  readonly os: string;
  readonly engines: readonly string[];
  readonly zone?: string;
  readonly user: string;
  readonly credential: string;
  readonly tags: readonly string[];
  readonly enabled: boolean;
}

export interface QueryInventory<H extends QueryHost = QueryHost> {
  readonly hosts: readonly H[];
  readonly functionCategories: readonly { readonly id: number; readonly name: string; readonly zone?: string }[];
  readonly appCategories: readonly {
    readonly id: number;
    readonly functionCategoryId: number;
    readonly name: string;
    readonly zone?: string;
  }[];
}

/** Ways to find hosts by their place in the list. Each is made when first asked for and kept as long as the list is. */
export class HostIndex {
  static readonly #known = new WeakMap<readonly QueryHost[], HostIndex>();
  readonly #hosts: readonly QueryHost[];
  #byName: ReadonlyMap<string, number> | undefined;
  #byTag: ReadonlyMap<string, readonly number[]> | undefined;
  #byApp: ReadonlyMap<number, readonly number[]> | undefined;
  #byAddress: ReadonlyMap<string, readonly number[]> | undefined;
  #addresses: readonly (readonly AddressWords[])[] | undefined;

  private constructor(hosts: readonly QueryHost[]) {
    this.#hosts = hosts;
  }

  /** The list must not change afterwards. */
  static of(hosts: readonly QueryHost[]): HostIndex {
    const known = HostIndex.#known.get(hosts);
    if (known !== undefined) return known;
    const index = new HostIndex(hosts);
    HostIndex.#known.set(hosts, index);
    return index;
  }

  get byName(): ReadonlyMap<string, number> {
    this.#byName ??= new Map(this.#hosts.map(({ name }, place) => [name, place]));
    return this.#byName;
  }

  get byTag(): ReadonlyMap<string, readonly number[]> {
    this.#byTag ??= grouped(this.#hosts, ({ tags }) => tags);
    return this.#byTag;
  }

  get byApp(): ReadonlyMap<number, readonly number[]> {
    this.#byApp ??= grouped(this.#hosts, ({ appCategoryId }) => [appCategoryId]);
    return this.#byApp;
  }

  /** By inner or outer IP address, in its one spelling (`addressKey`). */
  get byAddress(): ReadonlyMap<string, readonly number[]> {
    this.#byAddress ??= grouped(this.addresses, (addresses) => addresses.map(addressKey));
    return this.#byAddress;
  }

  /** Inner and outer address of each host, where they are IP addresses. */
  get addresses(): readonly (readonly AddressWords[])[] {
    this.#addresses ??= this.#hosts.map(({ innerAddress, outerAddress }) =>
      [innerAddress, outerAddress].flatMap((text) => (text === "" ? [] : [parseAddress(text)])).filter(isKnown),
    );
    return this.#addresses;
  }
}

export function addressKey(words: AddressWords): string {
  return words.join(".");
}

function isKnown(words: AddressWords | undefined): words is AddressWords {
  return words !== undefined;
}

function grouped<Row, Key>(rows: readonly Row[], keysOf: (row: Row) => readonly Key[]): Map<Key, number[]> {
  const groups = new Map<Key, number[]>();
  for (const [place, row] of rows.entries()) {
    for (const key of keysOf(row)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [place]);
      else group.push(place);
    }
  }
  return groups;
}
