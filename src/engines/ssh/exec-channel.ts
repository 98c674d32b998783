import type { EventEmitter } from "node:events";
import type { Client, ClientChannel } from "ssh2";
import { reasonText } from "../../contract/reasons.ts";
import { narrowChannel, packetBytes, windowBytes } from "./tuned-ssh2.ts";

interface SessionChannel extends EventEmitter {
  close(): void;
  subtype: string;
  incoming: { state: string };
  outgoing: { id: number; window: number; packetSize: number };
  _callbacks: ((failed?: boolean) => void)[];
  _waitWindow: boolean;
}

type Opened = (error: Error | undefined, channel: SessionChannel) => void;

interface Confirmation {
  /** Our number of the channel. */
  readonly recipient: number;
  /** The host's number of it. */
  readonly sender: number;
  readonly window: number;
  readonly packetSize: number;
}

/** The parts of ssh2 1.17 that open channels. The tests against a real sshd fail when an update moves them. */
interface Internals {
  _sock: { writable: boolean } | undefined;
  /** The server's software, as it greeted: `OpenSSH_9.2p1 Debian-2`. */
  _remoteVer: string | undefined;
  /** `_cur` is the last number that was given out, -1 before the first. */
  _chanMgr: { readonly _cur: number; add(opened: Opened): number; get(channel: number): Opened | SessionChannel };
  _protocol: {
    _handlers: {
      CHANNEL_OPEN_CONFIRMATION(protocol: unknown, confirmation: Confirmation): void;
      CHANNEL_OPEN_FAILURE(protocol: unknown, recipient: number, reason: number, description: string): void;
    };
    session(channel: number, window: number, packet: number): void;
    exec(channel: number, command: string, wantReply: boolean): void;
  };
}

/** Servers that are known to keep input that comes before they have answered the request; some libraries drop it. */
const takesInputAtOnce = /^(OpenSSH|dropbear)_/;
/** Numbers its channels from 0, and lets a session be written to as soon as it is asked for a command. */
const foretellable = /^OpenSSH_/;
/** What is written to such a session at most before it said how much it takes (2 MB, since a command is asked for). */
const lentBytes = 16 * 1024;
/** False once a server was seen that does otherwise. */
let foretells = true;

/** False once either side has closed it, though its channels may not have heard of it yet. */
export function isOpen(client: Client): boolean {
  return (client as unknown as Internals)._sock?.writable === true;
}

/**
 * Opens a session channel and asks for the command; where the server allows it, without waiting for its answers, so that
 * what the command is to read can go with it: `opened` then comes before the host has agreed, `refused` if it does not
 * (then nothing ran). Throws when the connection is closed.
 *
 * The first channel of a connection to OpenSSH is opened, asked and written to in one piece. That spares two round trips,
 * and the 40 ms for which a host holds back its second small answer until the first is acknowledged (sshd turns Nagle's
 * algorithm off only when a command begins).
 */
export function openExec(
  client: Client,
  command: string,
  opened: (channel: ClientChannel) => void,
  refused: (reason: string) => void,
): void {
  const internals = client as unknown as Internals;
  const { _chanMgr: channels, _protocol: protocol, _remoteVer: software = "" } = internals;
  if (!isOpen(client)) throw new Error(reasonText("ssh_connection_closed"));
  const first = foretells && channels._cur === -1 && foretellable.test(software);
  const listener = Object.assign(
    (error: Error | undefined, channel: SessionChannel) => {
      if (error) {
        refused(error.message);
        return;
      }
      channel.subtype = "exec";
      narrowChannel(channel);
      const atOnce = takesInputAtOnce.test(software);
      channel._callbacks.push((failed) => {
        if (!failed) {
          if (!atOnce) opened(channel as unknown as ClientChannel);
          return;
        }
        // A channel that closes for another reason answers its open questions with a failure, too.
        const closed = channel.incoming.state === "closed";
        if (closed && atOnce) return;
        refused(closed ? "it closed the session" : "it allows no command");
        channel.close();
      });
      protocol.exec(channel.outgoing.id, command, true);
      if (atOnce) opened(channel as unknown as ClientChannel);
    },
    { type: "session" },
  );
  const number = channels.add(listener);
  if (number === -1) throw new Error(reasonText("ssh_no_channel"));
  protocol.session(number, windowBytes, packetBytes);
  if (first) foretell(client, number, refused);
}

/** Confirms the channel in the host's place, and compares that with the host's own word when it comes. */
function foretell(client: Client, number: number, refused: (reason: string) => void): void {
  const { _chanMgr: channels, _protocol: protocol } = client as unknown as Internals;
  const handlers = protocol._handlers;
  const { CHANNEL_OPEN_CONFIRMATION: confirm, CHANNEL_OPEN_FAILURE: fail } = handlers;
  confirm(protocol, { recipient: number, sender: 0, window: lentBytes, packetSize: packetBytes });
  const channel = channels.get(number) as SessionChannel;
  handlers.CHANNEL_OPEN_CONFIRMATION = (_, confirmation) => {
    if (confirmation.recipient !== number) {
      confirm(protocol, confirmation);
      return;
    }
    if (confirmation.sender !== 0) {
      // What was asked went to a channel that does not exist: the host has run nothing and is about to say good-bye.
      foretells = false;
      client.destroy();
      return;
    }
    channel.outgoing.window += confirmation.window - lentBytes;
    channel.outgoing.packetSize = confirmation.packetSize;
    if (channel.outgoing.window <= 0) channel._waitWindow = true;
  };
  handlers.CHANNEL_OPEN_FAILURE = (_, recipient, reason, description) => {
    if (recipient !== number) {
      fail(protocol, recipient, reason, description);
      return;
    }
    refused(`(SSH) Channel open failure: ${description}`);
    client.destroy();
  };
}
