import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Context } from "./bench.ts";
import { dashboard, quit } from "./dashboard.ts";

const WATCH = new URL("loaded-modules.mjs", import.meta.url).href;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the program loads before its first frame, for whoever wonders where the time goes: packages with their files, and Node's own. */
export async function modulesBeforeFrame(context: Context): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), "pgtriage-bench-"));
  const file = path.join(directory, "loaded.json");
  const env = { NODE_OPTIONS: `--import=${WATCH}`, BENCH_LOADED: file, BENCH_FIRST_FRAME: "connecting" };
  const terminal = dashboard(context, context.server, env);
  try {
    await terminal.waitFor(() => existsSync(file) && statSync(file).size > 0);
    const { files, builtin } = JSON.parse(readFileSync(file, "utf8")) as { files: string[]; builtin: string[] };
    return told(files, builtin);
  } finally {
    await quit(terminal);
    rmSync(directory, { recursive: true, force: true });
  }
}

function told(files: readonly string[], builtin: readonly string[]): string {
  const own = files
    .map((name) => (name.startsWith("file:") ? fileURLToPath(name) : name))
    .filter((name) => name.startsWith(ROOT))
    .map((name) => name.slice(ROOT.length));
  const packages = new Map<string, string[]>();
  for (const name of own) {
    const [, owner = "", rest = ""] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(name) ?? ["", "pgtriage", name];
    packages.set(owner, [...(packages.get(owner) ?? []), rest]);
  }
  const lines = [...packages].map(([name, list]) => {
    const bytes = list.reduce((sum, one) => sum + sizeOf(name === "pgtriage" ? one : `node_modules/${name}/${one}`), 0);
    return `  ${name}: ${list.length} files, ${Math.round(bytes / 1024)} kB: ${list.join(" ")}`;
  });
  const nodes = builtin
    .map((name) => name.replace("NativeModule ", ""))
    .filter((name) => !name.startsWith("internal/"));
  return [`loaded before the first frame (${own.length} files):`, ...lines, `  Node's own: ${nodes.join(" ")}`].join(
    "\n",
  );
}

function sizeOf(file: string): number {
  try {
    return statSync(path.join(ROOT, file)).size;
  } catch {
    return 0;
  }
}
