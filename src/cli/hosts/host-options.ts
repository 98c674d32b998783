import { type Command, InvalidArgumentError } from "commander";
import type { z } from "zod";
import type { hostChange } from "../../contract/http/schemas/inventory.ts";
import { collected, positiveNumber } from "../numbers.ts";

/** The fields of a host as options, for `add` and `edit`. */
export interface HostOptions {
  readonly category?: string;
  readonly makeCategory?: boolean;
  readonly innerAddress?: string;
  readonly outerAddress?: string;
  readonly port?: number;
  readonly os?: string;
  readonly engine?: readonly string[];
  readonly zone?: string;
  readonly user?: string;
  readonly credential?: string;
  readonly proxyJump?: string;
  readonly tag?: readonly string[];
  readonly enabled?: boolean;
  readonly claim?: boolean;
  readonly note?: string;
}

export type HostChange = z.input<typeof hostChange>;

export function withHostOptions(command: Command): Command {
  return command
    .option("--category <path>", "function category/application category")
    .option("--make-category", "add the category where it is missing")
    .option("--inner-address <address>", "address that the controller connects to")
    .option("--outer-address <address>", "address from outside; used where there is no inner one")
    .option("--port <number>", "SSH port", positiveNumber)
    .option("--os <text>", "operating system, such as “Debian 12”")
    .option("--engine <engine>", "ssh, local, …; repeat it for more, in order of preference", collected)
    .option("--zone <zone>", "whose controllers drive it; empty leaves it to its categories")
    .option("--user <name>", "account on the host")
    .option("--credential <name>", "way in; empty for the controller's default")
    .option("--proxy-jump <list>", "jump hosts as user@address:port,…")
    .option("--tag <tag>", "a tag; repeat it for more (an empty one for none)", collected)
    .option("--enabled <yes|no>", "whether queries match the host", yesOrNo)
    .option("--claim <yes|no>", "whether it keeps what it runs until that is told, to be found after a crash", yesOrNo)
    .option("--note <text>", "free text");
}

/** Only what was given, without the category. */
export function hostFieldsOf(options: HostOptions): HostChange {
  const {
    innerAddress,
    outerAddress,
    port,
    os,
    engine: engines,
    zone,
    user,
    credential,
    proxyJump,
    tag,
    enabled,
    claim,
    note,
  } = options;
  const tags = tag?.filter((text) => text !== "");
  const fields = {
    innerAddress,
    outerAddress,
    port,
    os,
    engines,
    zone,
    user,
    credential,
    proxyJump,
    tags,
    enabled,
    claim,
    note,
  };
  // What an option cannot be (an engine that does not exist) the server says, with its place.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as HostChange;
}

function yesOrNo(text: string): boolean {
  if (text === "yes") return true;
  if (text === "no") return false;
  throw new InvalidArgumentError("It must be yes or no.");
}
