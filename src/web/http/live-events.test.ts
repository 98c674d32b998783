import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startWeb, type TestRequest, type TestWeb } from "../../../test/testkit/web.ts";
import { type TestLive, testLive } from "../../../test/testkit/web-live.ts";
import { createWorld, type World } from "../../../test/testkit/web-world.ts";
import type { LiveItem } from "../live/live.ts";
import type { User } from "../store/repositories/users.ts";

interface Event {
  readonly id?: string;
  readonly event?: string;
  readonly data?: Record<string, unknown>;
  readonly comment?: string;
}

/** Reads server-sent events as they come. */
async function* eventsOf(response: Response): AsyncGenerator<Event> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event: Record<string, unknown> = {};
      for (const line of text.slice(0, end).split("\n")) {
        const [, field, value = ""] = /^([a-z]*): ?(.*)$/.exec(line) ?? [];
        if (field === "") event.comment = value;
        else if (field === "data") event.data = JSON.parse(value);
        else if (field !== undefined) event[field] = value;
      }
      text = text.slice(end + 2);
      yield event;
    }
  }
}

describe("the live stream of a run", () => {
  let web: TestWeb;
  let live: TestLive;
  let world: World;
  let user: User;
  let path: string;

  beforeEach(async () => {
    live = testLive();
    web = await startWeb({ live, config: { heartbeatMilliseconds: 40 } });
    world = await createWorld(web);
    user = await web.user("reader", "viewer");
    path = `/runs/${world.foreignRun.id}/live`;
  });
  afterEach(() => web.close());

  const frame = (seq: number): LiveItem => ({
    kind: "run",
    frame: { seq, run: { ...world.foreignRun, liveSeq: seq }, executions: [] },
  });
  const output = (stream: "stdout" | "stderr", offset: number, text: string): LiveItem => ({
    kind: "output",
    output: { position: 0, stream, offset, data: Buffer.from(text) },
  });
  async function follow(more: string, request: TestRequest = {}) {
    const response = await web.call("GET", `${path}${more}`, { token: await web.apiToken(user), ...request });
    expect(response.status).toBe(200);
    return { response, events: eventsOf(response) };
  }
  /** The next event that is no comment. */
  async function next(events: AsyncGenerator<Event>): Promise<Event | undefined> {
    for (;;) {
      const { value, done } = await events.next();
      if (done) return undefined;
      if (value.event !== undefined) return value;
    }
  }
  /** Waits until something is so; the test's own time limit ends it. */
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
  }

  it("is an event stream that no proxy holds back or keeps", async () => {
    const { response } = await follow("");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
    });
    await response.body?.cancel();
  });

  it("sends frames as they come with their seq as id, and says when the run is final", async () => {
    const { events } = await follow("");
    live.push(frame(5));
    expect(await next(events)).toMatchObject({
      id: "5",
      event: "run",
      data: { seq: 5, run: { id: world.foreignRun.id } },
    });
    live.push(frame(9));
    expect(await next(events)).toMatchObject({ id: "9", event: "run" });
    live.finish();
    expect(await next(events)).toEqual({ event: "end", data: {} });
    expect(await next(events)).toBeUndefined();
    expect(live.open).toBe(0);
  });

  it("shows of a run only what the API shows", async () => {
    const { events } = await follow("");
    live.push(frame(5));
    const run = (await next(events))?.data?.run as Record<string, unknown>;
    expect(run).not.toHaveProperty("requestedByUserId");
    await events.return(undefined);
  });

  it("goes on from Last-Event-ID, which counts before the address", async () => {
    const { response } = await follow("?since=3", { headers: { "last-event-id": "17" } });
    const { response: other } = await follow("?since=3");
    const { response: odd } = await follow("?since=3", { headers: { "last-event-id": "seventeen" } });
    const { response: far } = await follow("?since=3", { headers: { "last-event-id": "17:9999999999:0" } });
    expect(live.followed.map(({ since }) => since)).toEqual([17, 3, 3, 3]);
    for (const each of [response, other, odd, far]) await each.body?.cancel();
  });

  it("sends output as base64 and resumes it behind the last byte", async () => {
    const { events } = await follow("?output=0&stdoutOffset=2");
    live.push(frame(4));
    live.push(output("stdout", 2, "ünd"));
    live.push(output("stderr", 0, "oh"));
    expect((await next(events))?.id).toBe("4:2:0");
    const first = await next(events);
    expect(first).toMatchObject({ id: "4:6:0", event: "output", data: { position: 0, stream: "stdout", offset: 2 } });
    expect(Buffer.from(String(first?.data?.data), "base64").toString()).toBe("ünd");
    expect((await next(events))?.id).toBe("4:6:2");
    await events.return(undefined);

    const { response: resumed } = await follow("?output=0&stdoutOffset=2", { headers: { "last-event-id": "4:6:2" } });
    expect(live.followed.at(-1)).toEqual({
      since: 4,
      output: { position: 0, stdoutOffset: 6, stderrOffset: 2 },
    });
    await resumed.body?.cancel();
  });

  it("says something now and then while nothing happens", async () => {
    const { events } = await follow("");
    const comments: (string | undefined)[] = [];
    while (comments.length < 3) {
      const { value } = await events.next();
      if (value?.comment !== undefined) comments.push(value.comment);
    }
    expect(comments).toEqual(["still here", "still here", "still here"]);
    await events.return(undefined);
  });

  it.each([
    ["the token is revoked", async () => void (await revokeAll("api"))],
    ["the user is disabled", async () => void (await web.store.users.change(user.id, { enabled: false }))],
    [
      "the user may see another part of the inventory",
      async () => {
        const scope = { everything: false, functionCategories: [world.ownFunction], appCategories: [] };
        await web.store.users.change(user.id, { scope });
      },
    ],
  ])("stops when %s, without saying that the run is over", async (_what, change) => {
    const { events } = await follow("");
    await change();
    expect(await next(events)).toBeUndefined();
    expect(live.open).toBe(0);
  });

  async function revokeAll(kind: "api"): Promise<void> {
    for (const token of await web.store.users.tokens({ kind, userId: user.id })) {
      await web.store.users.deleteToken(token.id);
    }
  }

  it("follows nothing any more when its reader has gone", async () => {
    const gone = new AbortController();
    await follow("", { signal: gone.signal });
    await until(() => live.open === 1);
    gone.abort();
    await until(() => live.open === 0);
  });

  it("says that the server restarts and ends when that closes, which waits for nothing else", async () => {
    const { events } = await follow("");
    const closed = web.close();
    expect(await next(events)).toEqual({ event: "restart", retry: "500", data: {} });
    expect(await next(events)).toBeUndefined();
    await closed;
    web = await startWeb();
  });

  it("closes soon though a browser holds a connection that it never used", async () => {
    const unused = connect(Number(new URL(web.url).port), "127.0.0.1");
    await new Promise((resolve) => unused.once("connect", resolve));
    const start = performance.now();
    await web.close();
    expect(performance.now() - start).toBeLessThan(8000);
    web = await startWeb();
  });

  it("makes nothing for a reader that does not read", async () => {
    for (let seq = 1; seq <= 400; seq++) live.push(output("stdout", seq * 65_536, "x".repeat(65_536)));
    const token = await web.apiToken(user);
    const slow = httpRequest(`${web.url}/api/v1${path}?output=0`, { headers: { authorization: `Bearer ${token}` } });
    slow.end();
    const answer = await new Promise<import("node:http").IncomingMessage>((resolve) => slow.once("response", resolve));
    answer.pause();
    let before = -1;
    while (live.taken !== before) {
      before = live.taken;
      for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    // 400 pieces are 35 MB of events; what fits into the sockets' buffers is a part of them.
    expect(live.taken).toBeLessThan(300);
    answer.destroy();
    await until(() => live.open === 0);
  });
});
