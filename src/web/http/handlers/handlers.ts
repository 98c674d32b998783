import type { Handlers } from "../call.ts";
import { categoryHandlers } from "./categories.ts";
import { controllerHandlers } from "./controllers.ts";
import { demoFleetHandlers } from "./demo-fleet.ts";
import { engineHandlers } from "./engines.ts";
import { fileHandlers } from "./files.ts";
import { firstOmserverHandlers } from "./first-omserver.ts";
import { hostImportHandlers } from "./host-import.ts";
import { hostHandlers } from "./hosts.ts";
import { linkHandlers } from "./link.ts";
import { moduleHandlers } from "./modules.ts";
import { platformHandlers } from "./platform.ts";
import { runOutputHandlers } from "./run-output.ts";
import { runHandlers } from "./runs.ts";
import { savedViewHandlers } from "./saved-views.ts";
import { sessionHandlers } from "./session.ts";
import { shellCommandHandlers } from "./shell-commands.ts";
import { userHandlers } from "./users.ts";

/** Every route's handler. A route that is missing here does not compile, and the server refuses to start without it. */
export const handlers: Handlers = {
  ...sessionHandlers,
  ...userHandlers,
  ...categoryHandlers,
  ...hostHandlers,
  ...hostImportHandlers,
  ...firstOmserverHandlers,
  ...moduleHandlers,
  ...fileHandlers,
  ...runHandlers,
  ...savedViewHandlers,
  ...runOutputHandlers,
  ...platformHandlers,
  ...shellCommandHandlers,
  ...controllerHandlers,
  ...engineHandlers,
  ...linkHandlers,
  ...demoFleetHandlers,
};
