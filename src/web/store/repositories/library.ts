export interface LibraryFile {
  readonly id: number;
  /** Unique; a new upload under the name makes a new entry current and keeps the content of the old one for runs that name it. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly uploadedBy: string;
  readonly uploadedAt: number;
}

/** The library's index; content is kept by hash in the data folder. */
export interface FileRepository {
  list(): Promise<readonly LibraryFile[]>;
  add(file: { name: string; sha256: string; bytes: number; uploadedBy: string }): Promise<LibraryFile>;
  get(id: number): Promise<LibraryFile | undefined>;
  findByHash(sha256: string): Promise<LibraryFile | undefined>;
  delete(id: number): Promise<void>;
}
