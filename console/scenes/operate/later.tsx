import { lazy } from "react";
import { withSceneTexts } from "../../i18n/i18n.ts";

/** Parts of the operate page that nobody needs at its first look; they come while a task is being chosen. */
const loadConfirmRun = withSceneTexts(() => import("./confirm-run.tsx"));
const loadRunCard = withSceneTexts(() => import("../run/run-card.tsx"));

export const ConfirmRun = lazy(() => loadConfirmRun().then((module) => ({ default: module.ConfirmRun })));
export const RunCard = lazy(() => loadRunCard().then((module) => ({ default: module.RunCard })));

const loadModuleForm = () => import("./module-form.tsx");
export const ModuleForm = lazy(() => loadModuleForm().then((module) => ({ default: module.ModuleForm })));

/** Comes when the options are unfolded. */
export const RunOptionFields = lazy(() =>
  import("./run-option-fields.tsx").then((module) => ({ default: module.RunOptionFields })),
);

/** Come when their tab is opened. */
export const AdhocCommand = lazy(() => import("./adhoc.tsx").then((module) => ({ default: module.AdhocCommand })));
export const AdhocScript = lazy(() => import("./adhoc.tsx").then((module) => ({ default: module.AdhocScript })));

/** Brings the parts before they are asked for. A part that does not come now is asked for again when it is needed. */
export function bringParts(): void {
  Promise.all([loadConfirmRun(), loadRunCard()]).catch(() => undefined);
}

/** Brings the form while the module that it is for is asked for. */
export function bringModuleForm(): void {
  loadModuleForm().catch(() => undefined);
}
