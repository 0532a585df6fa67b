import { redact } from "./connection/redact.ts";
import { clean } from "./text/clean.ts";

/** What is said on standard error: one line without a password, and without anything that a terminal would obey. */
export function sentence(text: string): string {
  return clean(redact(text));
}
