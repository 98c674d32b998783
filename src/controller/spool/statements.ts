import type { JournalDatabase } from "./database.ts";

/** The journal's SQL, prepared once. */
export function prepareStatements(database: JournalDatabase["sql"]) {
  return {
    seen: database.prepare<[string], { plan_sha256: Buffer | null; refused: string | null }>(
      "SELECT plan_sha256, refused FROM run WHERE uid = ?",
    ),
    accept: database.prepare<[string, Uint8Array, Uint8Array, string | null]>(
      "INSERT INTO run (uid, plan_sha256, sealed_order, cancelled_by, open) VALUES (?, ?, ?, ?, 1) ON CONFLICT DO NOTHING",
    ),
    refuse: database.prepare<[string, string]>(
      "INSERT INTO run (uid, refused, open) VALUES (?, ?, 0) ON CONFLICT DO NOTHING",
    ),
    refusals: database.prepare<[], { count: number }>("SELECT count(*) AS count FROM run WHERE plan_sha256 IS NULL"),
    cancel: database.prepare<[string, string]>(
      "UPDATE run SET cancelled_by = ? WHERE uid = ? AND open = 1 AND cancelled_by IS NULL",
    ),
    cancelEarly: database.prepare<[string, string]>(
      "INSERT INTO cancelled_early (uid, actor) VALUES (?, ?) ON CONFLICT DO NOTHING",
    ),
    takeEarlyCancel: database.prepare<[string], { actor: string }>(
      "DELETE FROM cancelled_early WHERE uid = ? RETURNING actor",
    ),
    openRuns: database.prepare<
      [],
      {
        id: number;
        uid: string;
        last_seq: number;
        acknowledged_seq: number;
        ended: number;
        cancelled_by: string | null;
        wave: number | null;
        failures_elsewhere: number | null;
      }
    >(
      "SELECT id, uid, last_seq, acknowledged_seq, ended, cancelled_by, wave, failures_elsewhere FROM run LEFT JOIN released ON run_id = id WHERE open = 1 ORDER BY id",
    ),
    release: database.prepare<[number, number, number]>(
      "INSERT INTO released (run_id, wave, failures_elsewhere) VALUES (?, ?, ?) ON CONFLICT (run_id) DO UPDATE SET wave = excluded.wave, failures_elsewhere = excluded.failures_elsewhere",
    ),
    forgetRelease: database.prepare<[number]>("DELETE FROM released WHERE run_id = ?"),
    order: database.prepare<[number], { sealed_order: Buffer | null }>("SELECT sealed_order FROM run WHERE id = ?"),
    marks: database.prepare<[number], { kind: string; positions: Buffer }>(
      "SELECT kind, positions FROM mark WHERE run_id = ?",
    ),
    mark: database.prepare<[number, string, Uint8Array]>("INSERT INTO mark (run_id, kind, positions) VALUES (?, ?, ?)"),
    spool: database.prepare<[number, number, number, Uint8Array]>(
      "INSERT INTO spool (run_id, first_seq, last_seq, events) VALUES (?, ?, ?, ?)",
    ),
    progress: database.prepare<[number, number, number]>("UPDATE run SET last_seq = ?, ended = ? WHERE id = ?"),
    batchAfter: database.prepare<[number, number], { first_seq: number; last_seq: number; events: Buffer }>(
      "SELECT first_seq, last_seq, events FROM spool WHERE run_id = ? AND last_seq > ? ORDER BY last_seq LIMIT 1",
    ),
    acknowledgedBytes: database.prepare<[number, number], { bytes: number | null }>(
      "SELECT sum(length(events)) AS bytes FROM spool WHERE run_id = ? AND last_seq <= ?",
    ),
    forgetSpool: database.prepare<[number, number]>("DELETE FROM spool WHERE run_id = ? AND last_seq <= ?"),
    acknowledged: database.prepare<[number, number]>("UPDATE run SET acknowledged_seq = ? WHERE id = ?"),
    forgetMarks: database.prepare<[number]>("DELETE FROM mark WHERE run_id = ?"),
    close: database.prepare<[number]>("UPDATE run SET open = 0, sealed_order = NULL WHERE id = ?"),
    spoolBytes: database.prepare<[], { bytes: number | null }>("SELECT sum(length(events)) AS bytes FROM spool"),
  };
}
