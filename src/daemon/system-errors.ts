interface SystemError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

const chooseAnother = "Choose another with --listen ADDRESS:PORT.";

/** What is wrong with a file or folder, by the system's code (errno(3)). */
const ofPath: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "a file stands where the path has a folder",
  EEXIST: "a file of that name stands there",
  EISDIR: "it is a folder",
  EROFS: "its file system is read-only",
  ENOSPC: "its disk is full",
  EDQUOT: "the account's disk quota is used up",
  EACCES: "this account may not",
  EPERM: "this account may not",
};

/**
 * What the system refused (an address to listen at, a file or folder) in words for an operator, with what to do.
 * `undefined` for anything else.
 */
export function systemErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, path, hostname, ...at }: SystemError = error;
  if (code === undefined) return undefined;
  if (syscall === "listen") return listenText(code, at.address ?? path ?? "", at.port);
  if (syscall === "getaddrinfo") return `Cannot listen: nothing is known of the name “${hostname}”. ${chooseAnother}`;
  const fault = ofPath[code];
  if (path === undefined || fault === undefined) return undefined;
  return `${path} cannot be used: ${fault}. Check the path and the rights of the account, or name another one.`;
}

function listenText(code: string, address: string, port: number | undefined): string | undefined {
  const place = `${address.includes(":") ? `[${address}]` : address}${port === undefined ? "" : `:${port}`}`;
  switch (code) {
    case "EADDRINUSE":
      return `The address ${place} is in use. Another OMServer may be running. ${chooseAnother}`;
    case "EADDRNOTAVAIL":
      return `This machine has no address ${address}. ${chooseAnother}`;
    case "EACCES":
      return `This account may not listen at ${place}. ${chooseAnother}`;
    default:
      return undefined;
  }
}
