import { LIST_QUERY_BYTES } from "../model/backend.ts";
import type { TextRow } from "./decode.ts";

/**
 * Turns what the statements send, bytes in PostgreSQL's escape format, into text. Most of it is ASCII without a backslash, and
 * then it is the text already. A byte that means nothing in its encoding becomes U+FFFD: one stranger's bytes must not
 * cost us everybody's rows, which is what the server's own conversion would do.
 */
export interface Encodings {
  /** Names of roles and databases belong to no database: UTF-8 where they are, else as our own database would read them. */
  name(escaped: string): string;
  /** The query of a session in that database. Where it was cut at a byte, half a character at its end is left out. */
  query(escaped: string, database: string | null): string;
}

/** The row of server.sql and the rows of encodings.sql. */
export function encodings(server: TextRow, databases: readonly TextRow[]): Encodings {
  const longest = [LIST_QUERY_BYTES, Number(server[12] ?? 1024) - 1];
  const own = decoder(server[16] ?? "UTF8");
  const name = (escaped: string): string => {
    if (!escaped.includes("\\")) return escaped;
    const raw = bytes(escaped);
    const text = utf8(raw);
    return text.includes(NO_CHARACTER) ? own(raw) : text;
  };
  const others = new Map(databases.map(([database, encoding]) => [name(database!), decoder(encoding!)]));
  return {
    name,
    query(escaped, database) {
      if (!escaped.includes("\\")) return escaped;
      const raw = bytes(escaped);
      const text = ((database === null ? undefined : others.get(database)) ?? utf8)(raw);
      const cut = longest.some((most) => raw.length <= most && raw.length > most - LONGEST_CHARACTER);
      return cut && text.endsWith(NO_CHARACTER) ? text.slice(0, -1) : text;
    },
  };
}

const NO_CHARACTER = "\ufffd";
const LONGEST_CHARACTER = 4;

type Decoder = (raw: Uint8Array) => string;

const utf8: Decoder = decoderOf("utf-8");

/** By PostgreSQL's name. SQL_ASCII says nothing about its bytes; most clients write UTF-8 all the same. */
function decoder(encoding: string): Decoder {
  if (encoding === "LATIN1") return latin1;
  if (encoding === "WIN1252") return win1252;
  const label = LABELS[encoding] ?? encoding.replace(/^WIN(?=125\d$|874$)/, "windows-");
  return label === encoding ? utf8 : decoderOf(label);
}

/** Not TextDecoder's "latin1", which is windows-1252, as on the web. */
function latin1(raw: Uint8Array): string {
  return Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString("latin1");
}

/** Not TextDecoder's "windows-1252", which on Node 20 is latin1. */
function win1252(raw: Uint8Array): string {
  return latin1(raw).replace(/[\u0080-\u009f]/g, (char) => WIN1252_FROM_80[char.charCodeAt(0) - 0x80]!);
}

const WIN1252_FROM_80 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

function decoderOf(label: string): Decoder {
  try {
    const decoder = new TextDecoder(label, { ignoreBOM: true });
    return (raw) => decoder.decode(raw);
  } catch {
    // A Node without the whole of ICU.
    return utf8;
  }
}

const LABELS: Readonly<Record<string, string>> = {
  EUC_JP: "euc-jp",
  EUC_JIS_2004: "euc-jp",
  EUC_CN: "gbk",
  EUC_KR: "euc-kr",
  LATIN2: "iso-8859-2",
  LATIN3: "iso-8859-3",
  LATIN4: "iso-8859-4",
  LATIN5: "iso-8859-9",
  LATIN6: "iso-8859-10",
  LATIN7: "iso-8859-13",
  LATIN8: "iso-8859-14",
  LATIN9: "iso-8859-15",
  ISO_8859_5: "iso-8859-5",
  ISO_8859_6: "iso-8859-6",
  ISO_8859_7: "iso-8859-7",
  ISO_8859_8: "iso-8859-8",
  KOI8R: "koi8-r",
  KOI8U: "koi8-u",
  WIN866: "ibm866",
};

const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** Escape format: `\\` is a backslash, `\351` a byte that is not ASCII, and all the rest is itself. */
function bytes(escaped: string): Uint8Array {
  const raw = Buffer.allocUnsafe(escaped.length);
  let length = 0;
  for (let i = 0; i < escaped.length; i++) {
    let byte = escaped.charCodeAt(i);
    if (byte === BACKSLASH) {
      byte = escaped.charCodeAt(++i);
      if (byte !== BACKSLASH) {
        byte = (byte - ZERO) * 64 + (escaped.charCodeAt(i + 1) - ZERO) * 8 + escaped.charCodeAt(i + 2) - ZERO;
        i += 2;
      }
    }
    raw[length++] = byte;
  }
  return raw.subarray(0, length);
}

/** What holds until the server has said more. */
export const UTF8_EVERYWHERE = encodings([], []);
