import { homedir } from "node:os";
import type { Environment } from "./parameters.ts";

/** Where libpq looks for the user's own files. */
export function home(env: Environment): string {
  const named = env["HOME"];
  return named !== undefined && named !== "" ? named : homedir();
}
