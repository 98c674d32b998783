import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { promisify } from "node:util";
import { afterEach, expect, it, vi } from "vitest";

const execute = promisify(execFile);
// By a name that the compiler does not follow: Vite's types would take the place of the browser's in all tests.
const viteConfig = String(new URL("../../console/vite.config.ts", import.meta.url));

afterEach(() => vi.unstubAllEnvs());

it("npm run dev starts nothing when the server's port is in use, and says what to do", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const listen = `127.0.0.1:${(other.address() as AddressInfo).port}`;

  const dev = execute(process.execPath, ["scripts/dev.ts"], {
    env: { ...process.env, OMSERVER_LISTEN: listen },
    timeout: 30_000,
  });

  await expect(dev).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining(`cannot listen on ${listen} (listen EADDRINUSE`),
  });
  other.close();
}, 40_000);

it.each([
  ["127.0.0.1:7171", "http://127.0.0.1:7171"],
  ["0.0.0.0:7171", "http://127.0.0.1:7171"],
  ["[::1]:7171", "http://[::1]:7171"],
  [undefined, "http://127.0.0.1:7070"],
])("the console's development server asks the OMServer that listens on %s", async (listen, target) => {
  vi.stubEnv("OMSERVER_LISTEN", listen);
  vi.resetModules();

  const { default: config } = (await import(viteConfig)) as { default: { server: { proxy: object } } };

  expect(Object.values(config.server.proxy)).toMatchObject([{ target }]);
});
