import type { ServerChannel, Session } from "ssh2";
import { claimReaderCommand } from "../../modules/posix-claim-functions.ts";
import { readerCommand } from "../../modules/posix-words.ts";
import type { CannedReply } from "./fleet-messages.ts";
import { endChannel, type ServeSession } from "./ssh-host.ts";

/** Longest program line that is waited for. */
const mostLineBytes = 4 * 1024 * 1024;

/**
 * A session that answers every command with the same bytes and runs nothing: it stands for a host that costs nothing,
 * so that a benchmark measures the client. To OMServer's own wrapper it answers as the wrapper would.
 */
export function replySessions(reply: CannedReply): ServeSession {
  const stdout = Buffer.from(reply.stdout ?? "");
  const stderr = Buffer.from(reply.stderr ?? "");
  return (session: Session) => {
    session.on("exec", (accept, _reject, { command }) => {
      const channel = accept();
      channel.on("error", () => undefined);
      channel.stderr.on("error", () => undefined);
      if (command === readerCommand || command === claimReaderCommand) answerReader(channel);
      else answer(channel, "", "");
    });
  };

  function answer(channel: ServerChannel, before: string, marks: string): void {
    channel.resume();
    const out = before === "" ? stdout : Buffer.concat([Buffer.from(before), stdout]);
    const errors = marks === "" ? stderr : Buffer.concat([Buffer.from(marks), stderr]);
    if (errors.length > 0) channel.stderr.write(errors);
    if (out.length > 0) channel.write(out);
    channel.exit(reply.exitCode ?? 0);
    endChannel(channel);
  }

  /** As a claim does: it tells the end in words and waits for the line that the result is settled. */
  function answerClaimed(channel: ServerChannel, nonce: string, isFile: boolean, goesOn: boolean): void {
    channel.write(isFile ? `${nonce} wrap 4241\n` : `${nonce} exec 4242 4241\n`);
    const errors = isFile ? Buffer.concat([Buffer.from(`${nonce} work 4242\n${nonce} pass\n`), stderr]) : stderr;
    if (errors.length > 0) channel.stderr.write(Buffer.concat([errors, Buffer.from(`${nonce} done\n`)]));
    const end = `${nonce} exit c${reply.exitCode ?? 0}\n${nonce} done${errors.length > 0 ? " both" : ""}\n`;
    channel.write(Buffer.concat([stdout, Buffer.from(end)]));
    channel.once("data", () => {
      if (goesOn) {
        answerReader(channel);
        return;
      }
      channel.exit(0);
      endChannel(channel);
    });
  }

  /** The wrapper reads a program line first; the word in it that marks its own talk is all that matters here. */
  function answerReader(channel: ServerChannel): void {
    let line = "";
    function read(chunk: Buffer): void {
      line += chunk.toString("latin1");
      if (!line.includes("\n") && line.length < mostLineBytes) return;
      channel.off("data", read);
      // The forms of “the program starts now” in src/modules/posix.ts: one line on stdout, or one on each stream.
      const short = /; printf '%s exec %s\\n' ([a-z0-9]+) \$\$; exec /.exec(line)?.[1];
      const [, nonce, word] = /printf '%s\\n' ([a-z0-9]+); printf '%s (exec|work) /.exec(line) ?? [];
      const end = /printf '%s gone\\n' ([a-z0-9]+)/.exec(line);
      // And of a claim, in src/modules/posix-claim.ts.
      const claimed = /printf '%s (exec %s|work) %s\\n' ([a-z0-9]+) "\$om_p"/.exec(line);
      const sought = /printf '%s none\\n' ([a-z0-9]+)/.exec(line)?.[1];
      if (claimed?.[2] !== undefined) {
        answerClaimed(channel, claimed[2], claimed[1] === "work", /; om_K=1; /.test(line));
        return;
      }
      if (sought !== undefined) {
        channel.write(`${sought} none\n`);
        channel.exit(0);
        endChannel(channel);
        return;
      }
      if (short !== undefined) {
        answer(channel, `${short} exec 4242\n`, "");
      } else if (nonce !== undefined) {
        const pass = word === "work" ? `${nonce} pass\n` : "";
        answer(channel, `${nonce}\n`, `${nonce} ${word} 4242 \n${pass}`);
      } else if (end) {
        channel.stderr.write(`${end[1]} gone\n`);
        channel.exit(0);
        endChannel(channel);
      } else {
        channel.stderr.write("A stub host understands only a program line of OMServer's wrapper.\n");
        channel.exit(125);
        endChannel(channel);
      }
    }
    channel.on("data", read);
  }
}
