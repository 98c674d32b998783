import type { TFunction } from "i18next";
import type { Controller } from "../../api/types.ts";
import type { Format } from "../../i18n/format.ts";

/** What a controller carries just now: “1 run · 3 hosts”. */
export function loadText({ load: { runs, hosts } }: Pick<Controller, "load">, t: TFunction, format: Format): string {
  return [
    t("controllers.runsUnderWay", { count: runs, shown: format.number(runs) }),
    t("controllers.hostsUnderWay", { count: hosts, shown: format.number(hosts) }),
  ].join(" · ");
}
