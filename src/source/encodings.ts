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
  /** The query text of a session in that database. */
  text(escaped: string, database: string | null): string;
  /** A text that the server may have cut at a byte: half a character at its end is none. */
  beginning(escaped: string, database: string | null): string;
}

/** The row of server.sql and the rows of encodings.sql. */
export function encodings(server: TextRow, databases: readonly TextRow[]): Encodings {
  const longest = Math.min(LIST_QUERY_BYTES, Number(server[12]) - 1);
  const own = decoder(server[16] ?? "UTF8");
  const name = (escaped: string): string => {
    if (!escaped.includes("\\")) return escaped;
    const raw = bytes(escaped);
    const text = utf8(raw);
    return text.includes(NO_CHARACTER) ? own(raw) : text;
  };
  const others = new Map(databases.map(([database, encoding]) => [name(database!), decoder(encoding!)]));
  const decode = (raw: Uint8Array, database: string | null): string =>
    ((database === null ? undefined : others.get(database)) ?? utf8)(raw);
  return {
    name,
    text: (escaped, database) => (escaped.includes("\\") ? decode(bytes(escaped), database) : escaped),
    beginning(escaped, database) {
      if (!escaped.includes("\\")) return escaped;
      const raw = bytes(escaped);
      const text = decode(raw, database);
      return raw.length > longest - LONGEST_CHARACTER && text.endsWith(NO_CHARACTER) ? text.slice(0, -1) : text;
    },
  };
}

const NO_CHARACTER = "\ufffd";
const LONGEST_CHARACTER = 4;

type Decoder = (raw: Uint8Array) => string;

const utf8: Decoder = decoderOf("utf-8");

/** By PostgreSQL's name. SQL_ASCII says nothing about its bytes; most clients write UTF-8 all the same. */
function decoder(encoding: string): Decoder {
  // Node's own "latin1" is windows-1252, as it is on the web.
  if (encoding === "LATIN1") return (raw) => Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString("latin1");
  const label = LABELS[encoding] ?? encoding.replace(/^WIN(?=125\d$|874$)/, "windows-");
  return label === encoding ? utf8 : decoderOf(label);
}

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
