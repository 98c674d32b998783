import { afterEach, expect, it } from "vitest";
import { startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { OmError } from "../../contract/errors.ts";

let web: TestWeb | undefined;

afterEach(() => web?.close());

/** What the server logs at warning and above when looking at hosts ends with this. */
async function loggedOf(error: Error): Promise<{ status: number; lines: Record<string, unknown>[] }> {
  web = await startWeb({
    wrap: (store) => ({ ...store, inventory: { ...store.inventory, snapshot: () => Promise.reject(error) } }),
  });
  const token = await web.apiToken(await web.user("ada", "administrator"));
  const { status } = await web.call("GET", "/hosts?query=web1", { token });
  const lines = web.log.map((line) => JSON.parse(line) as Record<string, unknown> & { level: number });
  return { status, lines: lines.filter(({ level }) => level >= 40) };
}

it.each(["engine.unusable", "controller.unreachable"] as const)(
  "a controller that cannot do it just now (%s) is a warning, without a stack",
  async (code) => {
    const { status, lines } = await loggedOf(new OmError(code, "Not just now."));

    expect(status).toBe(503);
    expect(lines).toMatchObject([{ level: 40, code, detail: "Not just now." }]);
    expect(JSON.stringify(lines)).not.toContain("stack");
  },
);

it.each([new OmError("store.unavailable", "The database is away."), new Error("a bug")])(
  "what is wrong with the server itself is an error with its stack: %s",
  async (error) => {
    const { lines } = await loggedOf(error);

    expect(lines).toMatchObject([{ level: 50, err: { stack: expect.stringContaining(error.message) } }]);
  },
);

it("tells of an empty name that it is empty, and nothing more", async () => {
  web = await startWeb();
  const token = await web.apiToken(await web.user("ada", "administrator"));

  const response = await web.call("POST", "/function-categories", { token, body: { name: "" } });

  expect(((await response.json()) as { problems: unknown[] }).problems).toMatchObject([
    { place: "/name", message: "must not be empty" },
  ]);
});
