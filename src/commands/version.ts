import { readFileSync } from "node:fs";

// As far from the root of the package as dist/bundle is.
const PACKAGE = new URL("../../package.json", import.meta.url);

export function version(): string {
  return (JSON.parse(readFileSync(PACKAGE, "utf8")) as { version: string }).version;
}
