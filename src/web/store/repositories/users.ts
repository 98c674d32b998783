export const roles = ["administrator", "operator", "viewer"] as const;

export type Role = (typeof roles)[number];

export interface User {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  /** App categories and whole function categories whose hosts the user sees; both empty with `everything`. */
  readonly scope: {
    readonly everything: boolean;
    readonly functionCategories: readonly number[];
    readonly appCategories: readonly number[];
  };
  readonly enabled: boolean;
  readonly hasPassword: boolean;
  readonly createdAt: number;
  readonly lastSignInAt?: number;
}

export type TokenKind = "session" | "api" | "sign_in_link" | "setup_link";

export interface Token {
  readonly id: number;
  readonly kind: TokenKind;
  /** Undefined for the set-up link, which makes its user. */
  readonly userId?: number;
  readonly name: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly lastUsedAt?: number;
}

export interface UserRepository {
  count(): Promise<number>;
  list(): Promise<readonly User[]>;
  get(id: number): Promise<User | undefined>;
  findByName(name: string): Promise<{ readonly user: User; readonly passwordHash: string } | undefined>;
  /** `inventory.duplicate` when the name is taken (case-insensitively). */
  create(user: { name: string; role: Role; scope: User["scope"]; passwordHash: string }): Promise<User>;
  /** Refuses (`inventory.in_use`) to take away the last enabled administrator. Disabling or a new password ends its sessions. */
  change(
    id: number,
    change: { role?: Role; scope?: User["scope"]; enabled?: boolean; passwordHash?: string },
  ): Promise<User>;
  delete(id: number): Promise<void>;
  /** Only the SHA-256 of a token is kept. */
  addToken(token: {
    kind: TokenKind;
    userId?: number;
    name: string;
    sha256: string;
    expiresAt?: number;
  }): Promise<Token>;
  /**
   * Undefined when unknown, expired at `now`, or its user is disabled; with `idleMilliseconds` also when its last noted
   * use (or its making) is longer ago than that. Notes the use at most once a minute.
   */
  useToken(
    sha256: string,
    kinds: readonly TokenKind[],
    now: number,
    idleMilliseconds?: number,
  ): Promise<{ readonly token: Token; readonly user?: User } | undefined>;
  /** Takes a single-use token out: of two that try at once, one gets it. */
  redeemToken(sha256: string, kinds: readonly TokenKind[], now: number): Promise<Token | undefined>;
  tokens(filter: { kind: TokenKind; userId?: number }): Promise<readonly Token[]>;
  deleteToken(id: number): Promise<void>;
  deleteExpiredTokens(now: number): Promise<void>;
}
