/** A set of places 0 … size-1, a bit each. */
export class PlaceSet {
  readonly size: number;
  readonly #words: Uint32Array;

  constructor(size: number) {
    this.size = size;
    this.#words = new Uint32Array(Math.ceil(size / 32));
  }

  add(place: number): void {
    const index = place >>> 5;
    this.#words[index] = (this.#words[index] ?? 0) | (1 << (place & 31));
  }

  addAll(other: PlaceSet): void {
    const words = this.#words;
    const others = other.#words;
    for (let index = 0; index < words.length; index++) words[index] = (words[index] ?? 0) | (others[index] ?? 0);
  }

  keepOnly(other: PlaceSet): void {
    const words = this.#words;
    const others = other.#words;
    for (let index = 0; index < words.length; index++) words[index] = (words[index] ?? 0) & (others[index] ?? 0);
  }

  invert(): void {
    const words = this.#words;
    for (let index = 0; index < words.length; index++) words[index] = ~(words[index] ?? 0);
    const rest = this.size & 31;
    const last = words.length - 1;
    if (rest !== 0) words[last] = (words[last] ?? 0) & ((1 << rest) - 1);
  }

  isEmpty(): boolean {
    return this.#words.every((word) => word === 0);
  }

  has(place: number): boolean {
    return ((this.#words[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0;
  }
}
