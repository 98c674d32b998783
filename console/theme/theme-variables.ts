import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from "@mantine/core";
import { theme } from "./theme.ts";

/** The style sheet with every variable of {@link theme}, for both colour schemes, that Mantine would else add at run time. */
export function themeVariablesCss(): string {
  const variables = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme));
  return convertCssVariables({
    variables: variables.variables,
    light: {
      ...variables.light,
      "--mantine-color-scheme": "light",
      "--mantine-color-placeholder": "var(--mantine-color-gray-6)",
      "--mantine-color-error": "#b3341a",
    },
    dark: {
      ...variables.dark,
      "--mantine-color-scheme": "dark",
      "--mantine-color-placeholder": "var(--mantine-color-dark-2)",
      "--mantine-color-error": "#ff9173",
      "--mantine-color-anchor": "var(--om-accent-text)",
    },
  });
}
