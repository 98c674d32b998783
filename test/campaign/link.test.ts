import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { diskSkipped, run } from "./link.ts";

it("loses and doubles nothing, and begins nothing by a bad order, on a bad day for links and clocks", async () => {
  const { result, held } = await run({ seconds: "0.5", impatient: "yes", stopped: "33" });

  expect(result).toMatchObject({ executedTwice: 0, lost: 0, indefinite: 0, expiredAccepted: 0, recovered: true });
  expect(result.skipped).toEqual(mayMount() ? [] : [diskSkipped]);
  expect(held).toBe(true);
}, 300_000);

/** Asked apart from the campaign, which must not leave the full disk out where it could be had. */
function mayMount(): boolean {
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "pipe" });
    return true;
  } catch (error) {
    console.warn(`NOT TESTED: a full disk under the controller's spool. This user may not mount: ${String(error)}`);
    return false;
  }
}
