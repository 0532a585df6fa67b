import { isClient, type Backend } from "../model/backend.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { parseFilter, words, type Filter } from "./filter.ts";

/** What `--protect` says: whoever matches one of the filters is protected. */
export type Protected =
  | { readonly kind: "ok"; readonly filters: readonly Filter[] }
  /** `reason` is the end of a sentence that begins with the name of the option. */
  | { readonly kind: "wrong"; readonly reason: string };

/**
 * Alternatives between commas, each a filter as in the dashboard: `user:etl, app:pgbackrest db:billing, !db:shop`. Only what a session is
 * goes into it, not what it does: a session that is protected now must be so in the next second as well. Whatever could make a
 * protection smaller than it looks is wrong: a quote that is not closed, an alternative with nothing in it.
 */
export function parseProtect(text: string): Protected {
  if (text.trim() === "") return { kind: "ok", filters: [] };
  const quotes = text.split('"').length - 1;
  if (quotes % 2 === 1) return wrong('has a " that is not closed');
  const filters: Filter[] = [];
  const strange: string[] = [];
  for (const alternative of alternatives(text)) {
    // What is no filter has a word that is not allowed either, which is named below.
    const filter = parseFilter(alternative);
    if (filter.text === "") return wrong("has a comma with nothing before or behind it");
    for (const { raw, word, quoted } of words(alternative)) if (quoted || !ALLOWED.test(word)) strange.push(raw);
    filters.push(filter);
  }
  const vain = alternatives(text)
    .flatMap((alternative) => words(alternative))
    .find(({ word }) => protectsNobody(word));
  if (strange.length === 0 && vain !== undefined) {
    return wrong(`looks for texts as they stand, part of a name or all of it: ${vain.raw} would protect nobody`);
  }
  if (strange.length === 0) return { kind: "ok", filters };
  const list = strange.map((word) => `"${word}"`).join(", ");
  return wrong(`takes user:, db: and app: with a value, as in 'user:etl, app:pgbackrest db:billing', not ${list}`);
}

/** Whether that filter protects a session; "perhaps" where it asks for the application's name, and the host lane does not tell it. */
export function protects(filter: Filter, backend: Backend, sample: Sample): boolean | "perhaps" {
  if (filter.kind === "wrong") return false;
  if (filter.matches(backend, sample)) return true;
  if (backend.application !== null || !isClient(backend) || speaksSql(sample.server.lane)) return false;
  const all = words(filter.text);
  const told = all.filter(({ word }) => !/^app:/i.test(word));
  if (told.length === all.length) return false;
  const rest = parseFilter(told.map(({ raw }) => raw).join(" "));
  return rest.kind === "ok" && rest.matches(backend, sample) ? "perhaps" : false;
}

/** Patterns mean nothing here; and the server shows no application_name as long, or with other characters than ASCII's. */
function protectsNobody(word: string): boolean {
  const value = word.slice(word.indexOf(":") + 1).replace(/^=/, "");
  if (/[*^|;]|^\S+\$$/.test(value)) return true;
  if (value.length > LONGEST_NAME) return true;
  return /^app:/i.test(word) && !/^[ -~]*$/.test(value);
}

/** NAMEDATALEN without its end. */
const LONGEST_NAME = 63;

/** With a value, that has an equals sign before it where it is meant exactly. */
const ALLOWED = /^(?:user|db|app):(?:=.|[^=])/is;

/** Commas part them, except between double quotes. */
function alternatives(text: string): string[] {
  const parts = [""];
  for (const [piece] of text.matchAll(/"[^"]*"|[^",]+|,/g)) {
    if (piece === ",") parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

function wrong(reason: string): Protected {
  return { kind: "wrong", reason };
}
