import { clean } from "../text/clean.ts";
import { firstOf } from "./driver-error.ts";

/** Why a session that stood gives no more samples. Short: it stands in the header beside the picture that has grown old. */
export function interruption(error: unknown, doing: "sample" | "order" = "sample"): string {
  const { what, next } = broken(error);
  // An order is never tried again.
  return doing === "order" || next === "" ? what : `${what}${next}`;
}

function broken(error: unknown): { readonly what: string; readonly next: string } {
  const { code = "", message = "" } = firstOf(error);
  const said = clean(message);
  const known = ENDS[code];
  if (code === CANCELLED)
    return { what: "the server cancelled our statement (statement_timeout, or somebody)", next: ": trying again" };
  if (known !== undefined) return { what: known, next: AGAIN };
  // Class 08, and what Node says of a socket.
  if (/^08...$|^E[A-Z]+$/.test(code)) return { what: `the connection broke (${code})`, next: AGAIN };
  if (/Query read timeout/.test(said))
    return { what: "no answer: the network or the server hangs", next: "; connecting again" };
  if (/Connection terminated|not queryable|connection error/i.test(said))
    return { what: "the connection broke", next: AGAIN };
  return { what: said === "" ? "no sample" : said, next: "" };
}

const AGAIN = ": connecting again";

const CANCELLED = "57014";

/** How a session ends that was not asked to. */
const ENDS: Readonly<Record<string, string>> = {
  "25P03": "the server ended our session (idle_in_transaction_session_timeout)",
  "25P04": "the server ended our session (transaction_timeout)",
  "57P01": "the server ended our session (administrator command, or shutdown)",
  "57P02": "the server crashed or was told to stop at once",
  "57P03": "the server is starting up, shutting down or recovering",
  "57P04": "the database was dropped",
  "57P05": "the server ended our session (idle_session_timeout)",
  ECONNREFUSED: "nothing listens there any more (ECONNREFUSED)",
  EAI_AGAIN: "the host's name is not known any more (EAI_AGAIN)",
  ENOTFOUND: "the host's name is not known any more (ENOTFOUND)",
  EHOSTUNREACH: "there is no way to the server (EHOSTUNREACH)",
  ENETDOWN: "there is no way to the server (ENETDOWN)",
  ENETUNREACH: "there is no way to the server (ENETUNREACH)",
  ETIMEDOUT: "the server stopped answering (ETIMEDOUT)",
};
