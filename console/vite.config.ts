import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compressedFiles, dictionaryFiles, themeVariables } from "./vite-plugins.ts";

/** Where the server listens; one that listens on every address answers on loopback, too. */
const server = (process.env.OMSERVER_LISTEN ?? "127.0.0.1:7070").replace(/^0\.0\.0\.0:|^\[::\]:/, "127.0.0.1:");

const folder = decodeURIComponent(new URL(".", import.meta.url).pathname);

/**
 * The console is built to plain files that hold under `default-src 'self'`: nothing inline, nothing as `data:`, nothing
 * from another host.
 */
export default defineConfig({
  root: folder,
  base: "/",
  plugins: [react(), themeVariables(), dictionaryFiles(), compressedFiles()],
  build: {
    outDir: `${folder}../dist/console`,
    emptyOutDir: true,
    target: "es2023",
    cssTarget: ["chrome123", "edge123", "firefox128", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Whatever the first page needs anyway is one file; by default it would be thirty.
          groups: [{ name: "frame", tags: ["$initial"] }],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    // Not the whole of /api: the folder console/api is served from there too.
    proxy: { "^/api/(?:v1|docs)(?:/|$)": { target: `http://${server}`, changeOrigin: false } },
  },
});
