import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { themeVariablesCss } from "./theme/theme-variables.ts";

const folder = decodeURIComponent(new URL(".", import.meta.url).pathname);
const themeModule = "virtual:theme-variables.css";

/**
 * The console is built to plain files that hold under `default-src 'self'`: nothing inline, nothing as `data:`, nothing
 * from another host. Mantine would write its theme's variables into a `<style>` element at run time; they are made
 * here instead, once, as a style sheet.
 */
export default defineConfig({
  root: folder,
  base: "/",
  plugins: [
    react(),
    {
      name: "theme-variables",
      resolveId: (id) => (id === themeModule ? `\0${themeModule}` : undefined),
      load: (id) => (id === `\0${themeModule}` ? themeVariablesCss() : undefined),
    },
  ],
  build: {
    outDir: `${folder}../dist/console`,
    emptyOutDir: true,
    target: "es2023",
    cssTarget: ["chrome123", "edge123", "firefox128", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: "127.0.0.1",
    // Not the whole of /api: the folder console/api is served from there too.
    proxy: { "^/api/(?:v1|docs)(?:/|$)": { target: "http://127.0.0.1:7070", changeOrigin: false } },
  },
});
