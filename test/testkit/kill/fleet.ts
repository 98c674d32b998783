import { openSync, writeSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import {
  type Ask,
  createLines,
  type Done,
  exitCodeOf,
  isBare,
  outputOf,
  type Place,
  type Word,
} from "./fleet-messages.ts";

/**
 * The stub hosts of the kill campaign, in a process of their own that outlives the product's: `fleet.ts SOCKET LEDGER`.
 * A host runs what it is told, appends that to the ledger before anything else is known of it, and keeps what it ran
 * under its claim until that is settled, whether or not somebody is still connected. Every message takes its time, so a
 * start may arrive when who sent it is dead.
 */
const [socketFile = "", ledgerFile = ""] = process.argv.slice(2);

type Say = (word: Word) => void;

interface Claim {
  state: "running" | "ended" | "stopped" | "tombstone";
  output: string;
  /** Whoever follows it just now. */
  watcher: { readonly id: number; readonly say: Say } | undefined;
  stop?: () => void;
}

const ledger = openSync(ledgerFile, "a", 0o600);
const claims = new Map<string, Claim>();
const longestDelay = 15;

function note(what: Done["what"], { runUid, position, host }: Place): void {
  writeSync(ledger, `${JSON.stringify({ what, runUid, position, host })}\n`);
}

function execute(place: Place, longest: number, claim: Claim): void {
  note("ran", place);
  const [first, last] = outputOf(place);
  const tell = (word: Word["word"], more: object = {}) =>
    claim.watcher?.say({ id: claim.watcher.id, word, ...more } as Word);
  function print(text: string): void {
    claim.output += text;
    tell("output", { text });
  }
  tell("started");
  print(first);
  const timer = setTimeout(() => {
    claim.state = "ended";
    print(last);
    note("ended", place);
    tell("ended", { code: exitCodeOf(place.host) });
  }, Math.random() * longest);
  claim.stop = () => {
    if (claim.state !== "running") return;
    clearTimeout(timer);
    claim.state = "stopped";
    note("stopped", place);
    tell("stopped");
  };
}

/** Executions of one connection that their hosts keep nothing of. */
type Loose = Map<string, Claim>;

/** The host's answer when it does not begin. */
function start(ask: Ask & { ask: "start" }, say: Say, loose: Loose): "taken" | "bare" | undefined {
  const { id, longest } = ask;
  const key = keyOf(ask);
  if (ask.claim && claims.has(key)) return "taken";
  if (ask.claim && isBare(ask.host)) return "bare";
  const claim: Claim = { state: "running", output: "", watcher: { id, say } };
  (ask.claim ? claims : loose).set(key, claim);
  execute(ask, longest, claim);
  return undefined;
}

/** The host's answer when there is nothing to follow. */
function follow(ask: Ask & { ask: "follow" }, say: Say): "none" | "never" | undefined {
  const { id, bury, from } = ask;
  const key = keyOf(ask);
  const claim = claims.get(key);
  if (claim === undefined) {
    if (!bury || isBare(ask.host)) return "none";
    claims.set(key, { state: "tombstone", output: "", watcher: undefined });
    return "never";
  }
  if (claim.state === "tombstone") return "never";
  say({ id, word: "started" });
  const text = claim.output.slice(from);
  if (text !== "") say({ id, word: "output", text });
  claim.watcher = { id, say };
  if (claim.state === "ended") say({ id, word: "ended", code: exitCodeOf(ask.host) });
  if (claim.state === "stopped") say({ id, word: "stopped" });
  return undefined;
}

function settle({ runUid, positions }: Ask & { ask: "settle" }): "settled" {
  for (const position of positions) {
    const key = keyOf({ runUid, position });
    if (claims.get(key)?.state !== "tombstone") claims.delete(key);
  }
  return "settled";
}

function take(ask: Ask, say: Say, loose: Loose): void {
  const { id } = ask;
  if (ask.ask === "stop") {
    (claims.get(keyOf(ask)) ?? loose.get(keyOf(ask)))?.stop?.();
    return;
  }
  const word = ask.ask === "start" ? start(ask, say, loose) : ask.ask === "follow" ? follow(ask, say) : settle(ask);
  if (word !== undefined) say({ id, word });
}

function keyOf({ runUid, position }: { readonly runUid: string; readonly position: number }): string {
  return `${runUid} ${position}`;
}

function serve(socket: Socket): void {
  const loose: Loose = new Map();
  const say: Say = (word) => {
    if (socket.writable) socket.write(`${JSON.stringify(word)}\n`);
  };
  const lines = createLines((line) => {
    const ask = JSON.parse(line) as Ask;
    setTimeout(() => take(ask, say, loose), Math.random() * longestDelay);
  });
  socket.setEncoding("utf8").on("data", lines);
  socket.on("error", () => undefined);
}

const server = createServer(serve).listen(socketFile, () => process.send?.({ ready: true }));
process.on("message", () => {
  const kept = [...claims.values()].filter(({ state }) => state !== "tombstone").length;
  process.send?.({ kept });
});
process.on("disconnect", () => {
  server.close();
  process.exit();
});
