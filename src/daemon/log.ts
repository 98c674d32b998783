import { type Logger, pino } from "pino";

/** JSON lines on stderr. Secrets never go in; these paths are a second net under that rule. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          "*.password",
          "*.passphrase",
          "*.privateKey",
          "*.becomePassword",
          "*.token",
          "req.headers.authorization",
          "req.headers.cookie",
        ],
        censor: "[secret]",
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
