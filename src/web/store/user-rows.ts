import type { Selectable } from "kysely";
import type { Role, Token, TokenKind, User } from "./repositories/users.ts";
import type { Tables } from "./tables.ts";

export function toUser(row: Selectable<Tables["app_user"]>): User {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    scope: {
      everything: row.scope_everything === 1,
      functionCategories: JSON.parse(row.scope_function_categories) as number[],
      appCategories: JSON.parse(row.scope_app_categories) as number[],
    },
    enabled: row.enabled === 1,
    hasPassword: row.password_hash !== "",
    createdAt: row.created_at,
    ...(row.last_sign_in_at === null ? {} : { lastSignInAt: row.last_sign_in_at }),
  };
}

export function toToken(row: Selectable<Tables["token"]>): Token {
  return {
    id: row.id,
    kind: row.kind as TokenKind,
    ...(row.user_id === null ? {} : { userId: row.user_id }),
    name: row.name,
    createdAt: row.created_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
  };
}
