import type { ChildProcess } from "node:child_process";

/**
 * Waits until a program has written something that matches to stdout or stderr. Rejects with all that it wrote when it
 * ends without.
 */
export function untilSaid(child: ChildProcess, pattern: RegExp): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    let said = "";
    function hear(text: string): void {
      said += text;
      const match = said.match(pattern);
      if (match !== null) resolve(match);
    }
    child.stdout?.setEncoding("utf8").on("data", hear);
    child.stderr?.setEncoding("utf8").on("data", hear);
    child.once("error", reject);
    child.once("close", (code) =>
      reject(new Error(`it ended with ${code} and never said ${pattern}; it said: ${said}`)),
    );
  });
}
