import { lazy } from "react";

/** Parts of the operate page that nobody needs at its first look; they come while a task is being chosen. */
const loadConfirmRun = () => import("./confirm-run.tsx");
const loadRunCard = () => import("../run/run-card.tsx");

export const ConfirmRun = lazy(() => loadConfirmRun().then((module) => ({ default: module.ConfirmRun })));
export const RunCard = lazy(() => loadRunCard().then((module) => ({ default: module.RunCard })));

/** Come when their tab is opened. */
export const AdhocCommand = lazy(() => import("./adhoc.tsx").then((module) => ({ default: module.AdhocCommand })));
export const AdhocScript = lazy(() => import("./adhoc.tsx").then((module) => ({ default: module.AdhocScript })));

/** Brings the parts before they are asked for. A part that does not come now is asked for again when it is needed. */
export function bringParts(): void {
  Promise.all([loadConfirmRun(), loadRunCard()]).catch(() => undefined);
}
