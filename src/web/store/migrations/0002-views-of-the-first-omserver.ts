import { type Kysely, sql } from "kysely";

/**
 * Frozen. The four tables of the first OMServer (2014) as read-only views of their old names and columns, for scripts
 * and reports written against it. Values are whole, where the old columns cut them. `server_lip` was the address that
 * the controller used, so a host with an outer address only shows that one; `module_extend` was the parameter form as
 * HTML and is its JSON Schema here.
 */
export async function createLegacyViews(db: Kysely<unknown>, kind: "sqlite" | "mysql" | "postgres"): Promise<void> {
  // A plain view of one table would pass writes on to it; SQLite's never do.
  const create = sql.raw(kind === "mysql" ? "create algorithm = temptable view" : "create view");
  const readOnly = sql.raw(kind === "postgres" ? " offset 0" : "");
  const old = sql.ref("ID");
  await sql`${create} server_fun_categ as
    select id as ${old}, name as server_categ_name from function_category${readOnly}`.execute(db);
  await sql`${create} server_app_categ as
    select id as ${old}, function_category_id as server_categ_id, name as app_categ_name
    from app_category${readOnly}`.execute(db);
  await sql`${create} server_list as
    select name as server_name, outer_address as server_wip,
      case when inner_address = '' then outer_address else inner_address end as server_lip,
      os as server_op, app_category_id as server_app_id
    from host${readOnly}`.execute(db);
  await sql`${create} module_list as
    select module.id as ${old}, module_version.name as module_name, module_version.description as module_caption,
      module_version.parameters as module_extend
    from module join module_version
      on module_version.module_id = module.id and module_version.version = module.newest_version${readOnly}`.execute(
    db,
  );
}
