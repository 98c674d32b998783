import type { Selectable, Updateable } from "kysely";
import {
  type ControllerState,
  controllerNamePattern,
  type EngineReport,
  zoneNamePattern,
} from "../../contract/controller.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { insertRows } from "./bulk.ts";
import { storableText } from "./check-text.ts";
import type { Database } from "./database.ts";
import type { ControllerRepository, StoredController } from "./repositories/controllers.ts";
import { notFound } from "./store-errors.ts";
import type { ControllerTable } from "./tables.ts";

export function createControllers(database: Database): ControllerRepository {
  const { reader, writer } = database;

  async function find(name: string): Promise<StoredController | undefined> {
    const row = await reader.selectFrom("controller").selectAll().where("name", "=", name).executeTakeFirst();
    return row === undefined ? undefined : toController(row);
  }

  async function change(name: string, columns: Updateable<ControllerTable>): Promise<void> {
    const done = await writer.updateTable("controller").set(columns).where("name", "=", name).executeTakeFirst();
    // MySQL counts only rows that became different.
    if (done.numUpdatedRows === 0n && (await find(name)) === undefined)
      throw notFound(reasonText("thing_controller", { name }));
  }

  return {
    async list() {
      return (await reader.selectFrom("controller").selectAll().orderBy("name").execute()).map(toController);
    },

    get: find,

    async ensure(name, zone) {
      const row = { name: checkedName(name), zone: checkedZone(zone), state: "enabled", engines: "[]" };
      await insertRows(database, writer, "controller", ["name", "zone", "state", "engines"], [row], "keep_old");
      return (await find(name)) ?? missing(name);
    },

    async enrol({ name, zone, certificate }) {
      const row = {
        name: checkedName(name),
        zone: checkedZone(zone),
        state: "enabled",
        engines: "[]",
        ...certificateColumns(certificate),
      };
      await insertRows(
        database,
        writer,
        "controller",
        ["name", "zone", "state", "engines", ...certificateNames],
        [row],
        { key: ["name"], update: ["zone", "state", ...certificateNames] },
      );
      return (await find(name)) ?? missing(name);
    },

    setCertificate: (name, certificate) => change(name, certificateColumns(certificate)),

    setZone: (name, zone) => change(name, { zone: checkedZone(zone) }),

    async setState(name, state) {
      await database.transaction(async (transaction) => {
        const found = await transaction
          .selectFrom("controller")
          .select("state")
          .where("name", "=", name)
          .$if(database.kind !== "sqlite", (query) => query.forUpdate())
          .executeTakeFirst();
        if (found === undefined) throw notFound(reasonText("thing_controller", { name }));
        if (found.state === "revoked" && state !== "revoked") {
          throw new OmError("store.conflict", reasonText("controller_was_revoked", { name }));
        }
        await transaction.updateTable("controller").set({ state }).where("name", "=", name).execute();
      });
    },

    async seen(name, at, report) {
      const found = await find(name);
      if (found === undefined) throw notFound(reasonText("thing_controller", { name }));
      await change(name, {
        last_seen_at: at,
        ...(found.firstSeenAt === undefined ? { first_seen_at: at } : {}),
        ...(report === undefined
          ? {}
          : {
              version: storableText(report.version, 64),
              engines: JSON.stringify(report.engines.map(storableEngine)),
              runs_in_flight: report.load.runs,
              hosts_in_flight: report.load.hosts,
              spool_events: report.spool.events,
              spool_bytes: report.spool.bytes,
              disk_free_bytes: report.diskFreeBytes ?? null,
              clock_skew_milliseconds: report.clockSkewMilliseconds ?? null,
            }),
      });
    },

    async delete(name) {
      await database.transaction(async (transaction) => {
        const open = await transaction
          .selectFrom("run_controller")
          .innerJoin("run", "run.id", "run_controller.run_id")
          .select("run.id")
          .where("run_controller.controller", "=", name)
          .where("run_controller.ended", "=", 0)
          .where("run.finished_at", "is", null)
          .limit(1)
          .executeTakeFirst();
        if (open !== undefined) {
          throw new OmError("inventory.in_use", reasonText("controller_has_run", { name, run: open.id }));
        }
        await transaction.deleteFrom("credential_controller").where("controller", "=", name).execute();
        const deleted = await transaction.deleteFrom("controller").where("name", "=", name).executeTakeFirst();
        if (deleted.numDeletedRows === 0n) throw notFound(reasonText("thing_controller", { name }));
      });
    },
  };
}

const certificateNames = ["certificate_serial", "certificate_issued_at", "certificate_expires_at"] as const;

function certificateColumns(certificate: StoredController["certificate"]) {
  return {
    certificate_serial: certificate?.serial ?? null,
    certificate_issued_at: certificate?.issuedAt ?? null,
    certificate_expires_at: certificate?.expiresAt ?? null,
  };
}

function checkedName(name: string): string {
  if (controllerNamePattern.test(name)) return name;
  throw new OmError("inventory.invalid", reasonText("controller_name_store", { name: storableText(name, 60) }));
}

function checkedZone(zone: string): string {
  if (zoneNamePattern.test(zone)) return zone;
  throw new OmError("inventory.invalid", reasonText("zone_form", { zone: storableText(zone, 60) }));
}

/** A controller is trusted with hosts, and still not with the size of what it says. */
function storableEngine({ id, usable, version, reason, mend, warning }: EngineReport): EngineReport {
  return {
    id: storableText(id, 64),
    usable,
    version: storableText(version, 200),
    reason: storableText(reason, 2000),
    mend: storableText(mend, 2000),
    warning: storableText(warning, 2000),
  };
}

function missing(name: string): never {
  throw notFound(reasonText("thing_controller", { name }));
}

function toController(row: Selectable<ControllerTable>): StoredController {
  const { certificate_serial: serial, certificate_issued_at: issuedAt, certificate_expires_at: expiresAt } = row;
  return {
    name: row.name,
    zone: row.zone,
    state: row.state as ControllerState,
    version: row.version,
    engines: JSON.parse(row.engines) as EngineReport[],
    load: { runs: row.runs_in_flight, hosts: row.hosts_in_flight },
    spool: { events: row.spool_events, bytes: row.spool_bytes },
    ...(row.first_seen_at === null ? {} : { firstSeenAt: row.first_seen_at }),
    ...(row.last_seen_at === null ? {} : { lastSeenAt: row.last_seen_at }),
    ...(row.disk_free_bytes === null ? {} : { diskFreeBytes: row.disk_free_bytes }),
    ...(row.clock_skew_milliseconds === null ? {} : { clockSkewMilliseconds: row.clock_skew_milliseconds }),
    ...(serial === null || issuedAt === null || expiresAt === null
      ? {}
      : { certificate: { serial, issuedAt, expiresAt } }),
  };
}
