/** Why a host could not be reached; nothing was run there. The message is one plain sentence for an operator. */
export class Unreachable extends Error {}

/** The credential cannot be used at all, whatever the host says; nothing was tried. */
export class UnusableCredential extends Error {}

export function place(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

export function inSeconds(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000} s` : `${(milliseconds / 1000).toFixed(1)} s`;
}

const socketReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused the connection. Check that sshd runs there and listens on this port.",
  EHOSTUNREACH: "cannot be reached: no route, or the host is down. Check the address and the network.",
  ENETUNREACH: "cannot be reached: there is no route to its network. Check the address and this machine's routes.",
  ETIMEDOUT: "did not answer. Check the address, the host and firewalls on the way.",
  ECONNRESET: "cut the connection before sign-in. Check sshd's log there (MaxStartups, allow lists, firewalls).",
  EPIPE: "cut the connection before sign-in. Check sshd's log there (MaxStartups, allow lists, firewalls).",
  ENOTFOUND: "has no such name in DNS. Check the address.",
  EAI_AGAIN: "could not be looked up: the name server does not answer. Check this machine's DNS.",
  EADDRNOTAVAIL: "cannot be reached from this machine's addresses. Check the address.",
  EACCES: "cannot be reached: this machine's firewall forbids it.",
  EPERM: "cannot be reached: this machine's firewall forbids it.",
  EMFILE: "was not tried: this process has no free file descriptor. Raise the open-files limit of the controller.",
  ENFILE: "was not tried: this machine has no free file descriptor. Raise its limit.",
};

/** What an error of the socket or of ssh2 means, to stand behind the host's name. */
export function connectReason(error: unknown): string {
  const { code, level, message } = error as { code?: unknown; level?: unknown; message?: unknown };
  const known = typeof code === "string" ? socketReasons[code] : undefined;
  if (known !== undefined) return known;
  const text = typeof message === "string" ? message : String(error);
  if (level === "client-authentication") return "refused the sign-in. Check user and credential.";
  if (level === "agent")
    return `could not be signed in to: the SSH agent failed (${text}). Check the agent and its keys.`;
  if (/no matching/.test(text)) return `shares no algorithm with this engine (${text}). Update the host's OpenSSH.`;
  if (/Connection lost before handshake/.test(text)) return socketReasons.ECONNRESET ?? text;
  if (/(Channel open failure|open failed)/.test(text)) {
    return `cannot be reached from the jump host (${text.replace("(SSH) Channel open failure: ", "")}). Check address, port and what the jump host may reach.`;
  }
  return `broke off the SSH handshake (${text}). Check that an SSH server answers on this port.`;
}
