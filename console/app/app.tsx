import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { I18nextProvider } from "react-i18next";
import { queryClient, sessionsEnded } from "../api/client.ts";
import { Toasts } from "../components/feedback/toasts.tsx";
import { i18n } from "../i18n/i18n.ts";
import { theme } from "../theme/theme.ts";
import { usePreferences } from "./preferences.ts";
import { router } from "./router.tsx";

/**
 * Everything that all scenes stand in. Mantine writes no style element of its own here (its variables are in a style
 * sheet), so that the page holds under `style-src 'self'`.
 */
export function App() {
  const { colorScheme, language } = usePreferences();
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  }, [language]);
  useEffect(() => sessionsEnded.subscribe(() => void router.invalidate()), []);
  return (
    <I18nextProvider i18n={i18n}>
      <MantineProvider theme={theme} forceColorScheme={colorScheme} withCssVariables={false} withGlobalClasses={false}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Toasts />
        </QueryClientProvider>
      </MantineProvider>
    </I18nextProvider>
  );
}
