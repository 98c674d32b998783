import type { Command } from "commander";
import { type Config, readConfig } from "../config.ts";

export interface ConfigOptions {
  readonly config?: string;
  readonly data?: string;
  readonly listen?: string;
  readonly publicUrl?: string;
}

/** The flags that every server command has; docs/operators.md has the settings behind them. */
export function withConfigOptions(command: Command): Command {
  return command
    .option("--config <file>", "YAML file of settings (OMSERVER_CONFIG)")
    .option("--data <folder>", "data folder (OMSERVER_DATA)")
    .option("--listen <address:port>", "where the web server listens (OMSERVER_LISTEN)")
    .option("--public-url <url>", "what people type in their browser (OMSERVER_PUBLIC_URL)");
}

export function configOf(options: ConfigOptions): Config {
  return readConfig(process.env, options.config, {
    dataFolder: options.data,
    listen: options.listen,
    publicUrl: options.publicUrl,
  });
}
