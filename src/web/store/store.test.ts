import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { type DatabaseServer, startMariaDb, startPostgres } from "../../../test/testkit/databases.ts";
import { applySuite } from "../../../test/testkit/store/apply.ts";
import { approvalsSuite } from "../../../test/testkit/store/approvals.ts";
import { auditSuite } from "../../../test/testkit/store/audit.ts";
import { backupSuite } from "../../../test/testkit/store/backup.ts";
import type { StoreContext, StoreSuite } from "../../../test/testkit/store/context.ts";
import { controllersSuite } from "../../../test/testkit/store/controllers.ts";
import { enrolmentsSuite } from "../../../test/testkit/store/enrolments.ts";
import { firstOmserverSuite } from "../../../test/testkit/store/first-omserver.ts";
import { inventorySuite } from "../../../test/testkit/store/inventory.ts";
import { legacyViewsSuite } from "../../../test/testkit/store/legacy-views.ts";
import { librarySuite } from "../../../test/testkit/store/library.ts";
import { modulesSuite } from "../../../test/testkit/store/modules.ts";
import { openingSuite } from "../../../test/testkit/store/opening.ts";
import { retentionSuite } from "../../../test/testkit/store/retention.ts";
import { runPagesSuite } from "../../../test/testkit/store/run-pages.ts";
import { runSharesSuite } from "../../../test/testkit/store/run-shares.ts";
import { runsSuite } from "../../../test/testkit/store/runs.ts";
import { shellCommandsSuite } from "../../../test/testkit/store/shell-commands.ts";
import { toldEventsSuite } from "../../../test/testkit/store/told-events.ts";
import { usersSuite } from "../../../test/testkit/store/users.ts";
import type { DatabaseConfig } from "./database-config.ts";
import { openStore } from "./open.ts";
import type { Store } from "./store.ts";

/** The promises of the repositories, on every database alike. */

const suites: Readonly<Record<string, StoreSuite>> = {
  inventory: inventorySuite,
  controllers: controllersSuite,
  enrolments: enrolmentsSuite,
  runs: runsSuite,
  "run events": applySuite,
  "events that a controller makes up": toldEventsSuite,
  "runs that wait for a second person": approvalsSuite,
  "shares of runs": runSharesSuite,
  "pages of runs": runPagesSuite,
  "runs that go": retentionSuite,
  modules: modulesSuite,
  users: usersSuite,
  audit: auditSuite,
  "shell commands": shellCommandsSuite,
  "files, credentials and settings": librarySuite,
  "views of the first OMServer": legacyViewsSuite,
  "what the first OMServer leaves": firstOmserverSuite,
  opening: openingSuite,
};

const folder = mkdtempSync(join(tmpdir(), "om-store-"));
let mariaDb: DatabaseServer | undefined;
let postgres: DatabaseServer | undefined;
let files = 0;

beforeAll(async () => {
  [mariaDb, postgres] = await Promise.all([startMariaDb(), startPostgres()]);
});

afterAll(async () => {
  await Promise.all([mariaDb?.stop(), postgres?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

async function createDatabase(kind: DatabaseConfig["kind"]): Promise<DatabaseConfig> {
  files += 1;
  if (kind === "sqlite") return { kind, file: join(folder, `${files}.db`) };
  const server = kind === "mysql" ? mariaDb : postgres;
  if (server === undefined) throw new Error(`the ${kind} server did not start`);
  return await server.createDatabase();
}

describe.each(["sqlite", "mysql", "postgres"] as const)("the store on %s", (kind) => {
  for (const [name, suite] of Object.entries(suites)) {
    describe(name, () => {
      const opened: Store[] = [];
      let context: StoreContext | undefined;

      beforeAll(async () => {
        const config = await createDatabase(kind);
        const openAgain: StoreContext["openAgain"] = async (options) => {
          const store = await openStore(config, options);
          opened.push(store);
          return store;
        };
        context = { config, store: await openAgain(), openAgain, createDatabase: () => createDatabase(kind) };
      });

      afterAll(async () => {
        for (const store of opened) await store.close();
      });

      suite(() => {
        if (context === undefined) throw new Error("the store did not open");
        return context;
      }, kind);
    });
  }
});

describe("backup", () => backupSuite(createDatabase));
