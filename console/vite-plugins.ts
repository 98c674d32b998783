import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";
import { themeVariablesCss } from "./theme/theme-variables.ts";

const themeModule = "virtual:theme-variables.css";

/** Mantine would write its theme's variables into a `<style>` element at run time: here they are a style sheet. */
export function themeVariables(): Plugin {
  return {
    name: "theme-variables",
    resolveId: (id) => (id === themeModule ? `\0${themeModule}` : undefined),
    load: (id) => (id === `\0${themeModule}` ? themeVariablesCss() : undefined),
  };
}

/**
 * Tells `first-paint.js` the file of each dictionary, so that the one in use is fetched beside the scripts and not after
 * them. Development has no such files: there the page asks for its dictionary itself.
 */
export function dictionaryFiles(): Plugin {
  return {
    name: "dictionary-files",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        if (bundle === undefined) return html;
        const files = ["en", "zh"].map((language) => {
          const end = `/i18n/${language}.ts`;
          const chunk = Object.values(bundle).find((one) => one.type === "chunk" && one.facadeModuleId?.endsWith(end));
          if (chunk === undefined) throw new Error(`the build has no file of its own for ${end}`);
          return ` data-${language}="/${chunk.fileName}"`;
        });
        return html.replace('<script src="/first-paint.js"', (script) => script + files.join(""));
      },
    },
  };
}

const compressible = /\.(?:js|css|svg|html)$/;
/** Smaller files take a packet either way. */
const leastBytes = 1000;

/** Puts `.br` and `.gz` beside each file of the build: the server sends these, and compresses nothing itself. */
export function compressedFiles(): Plugin {
  return {
    name: "compressed-files",
    apply: "build",
    async writeBundle({ dir }) {
      if (dir === undefined) return;
      const entries = await readdir(dir, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && compressible.test(entry.name));
      await Promise.all(files.map((file) => compress(join(file.parentPath, file.name))));
    },
  };
}

async function compress(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.byteLength < leastBytes) return;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.byteLength };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(content, { params }));
  await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}
