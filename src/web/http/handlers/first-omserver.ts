import { OmError } from "../../../contract/errors.ts";
import { reasonText } from "../../../contract/reasons.ts";
import { isTimeZone } from "../../plan/first-omserver/local-time.ts";
import { planFirstOmserver } from "../../plan/first-omserver/plan-first-omserver.ts";
import { readFirstOmserver } from "../../plan/first-omserver/read-dump.ts";
import type { Handlers } from "../call.ts";

/** What the system of 2014 leaves behind. */
export const firstOmserverHandlers = {
  async importFirstOmserver({ who, body, audit }, { store }) {
    const { text, preview, skipRefused, timeZone, engines } = body;
    if (!isTimeZone(timeZone)) {
      throw new OmError("request.invalid", reasonText("time_zone_unknown", { zone: timeZone }), {
        problems: [{ place: "/timeZone", message: reasonText("time_zone_wanted") }],
      });
    }
    // It adds to the whole inventory, whoever sees how much of it.
    if (!who.user.scope.everything) {
      throw new OmError("access.denied", reasonText("dump_needs_all"));
    }
    const dump = readFirstOmserver(text, { timeZone, engines });
    const [inventory, modules, known] = await Promise.all([
      store.inventory.snapshot(),
      store.modules.list(),
      store.firstOmserver.knownCommands(dump.commands.map((command) => command.identity)),
    ]);
    const { report, ...content } = planFirstOmserver(dump, inventory, modules, known);
    if (preview || (report.refused.length > 0 && !skipRefused)) return { ...report, applied: false };
    if (Object.values(content).every((part) => part.length === 0)) return { ...report, applied: true };
    await audit({
      action: "omserver-v1.import",
      object: "dump of the first OMServer",
      hosts: content.hosts.map(({ name }) => name),
      detail: {
        functionCategories: content.functionCategories.length,
        appCategories: content.appCategories.length,
        modules: [...content.newModules, ...content.changedModules.map(({ manifest }) => manifest)].map(
          ({ key }) => key,
        ),
        commands: content.commands.length,
      },
    });
    await store.firstOmserver.apply(content, who.user.name);
    return { ...report, applied: true };
  },
} satisfies Partial<Handlers>;
