/** Filters of a list, as they stand in its address, under a name. */
export interface SavedView {
  readonly id: number;
  /** The list: `runs`. */
  readonly scene: string;
  readonly name: string;
  readonly search: Readonly<Record<string, string | number>>;
}

/** Each user's own; they go with the user. */
export interface SavedViewRepository {
  /** By name. */
  list(userId: number, scene: string): Promise<readonly SavedView[]>;
  /** A view of the same name is replaced. */
  put(userId: number, view: Omit<SavedView, "id">): Promise<SavedView>;
  /** `request.not_found` also for somebody else's. */
  delete(userId: number, id: number): Promise<void>;
}
