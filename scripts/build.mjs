import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * dist/bundle from src: few files instead of a hundred, since on Node 20 each module costs a millisecond before the first frame.
 * The driver and the widgets stay as they are: blessed finds its parts by computed paths.
 */
const root = fileURLToPath(new URL("..", import.meta.url));

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { cli: "src/cli.ts", "workload-process": "src/demo/workload-process.ts" },
  outdir: "dist/bundle",
  bundle: true,
  // What is imported where it is needed stays a file of its own, and is loaded there.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  alias: { "string-width": "./scripts/string-width.ts" },
  external: ["pg", "blessed", "blessed-contrib"],
  // Some of what yargs bundles asks for Node's modules by require().
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "warning",
});
