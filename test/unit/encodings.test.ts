import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { LIST_QUERY_BYTES, mayBeCut } from "../../src/model/backend.ts";
import { encodings } from "../../src/source/encodings.ts";

/** As PostgreSQL's encode(…, 'escape') writes bytes. */
function escaped(bytes: Uint8Array): string {
  return [...bytes]
    .map((byte) =>
      byte === 0x5c
        ? "\\\\"
        : byte === 0 || byte > 0x7f
          ? `\\${byte.toString(8).padStart(3, "0")}`
          : String.fromCharCode(byte),
    )
    .join("");
}

/** A server whose own database has that encoding, with one database beside it for each of the others. */
function server(own: string, ...others: readonly string[]) {
  const row = Array.from<string>({ length: 17 }).fill("");
  row[12] = "1024";
  row[16] = own;
  return encodings(
    row,
    [own, ...others].filter((encoding) => encoding !== "UTF8").map((encoding) => [encoding.toLowerCase(), encoding]),
  );
}

const from = (text: string): string => escaped(Buffer.from(text, "latin1"));

describe("bytes as text", () => {
  test("whatever a UTF-8 session writes arrives as it was, backslashes and control characters among it", () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom("\\", "\\351", "\u001b", "\n", "é", "漢", "👍"), fc.string()),
    });
    fc.assert(
      fc.property(text, (given) => {
        const { query } = server("UTF8");
        const kept = Buffer.from(given).toString();
        expect(query(escaped(Buffer.from(given)), "shop")).toBe(kept);
      }),
    );
  });

  test.each([
    ["latin1", "LATIN1", "caf\xe9 \x80", "café \u0080"],
    ["win1252", "WIN1252", "\x80 5 \x93x\x94", "€ 5 “x”"],
    ["latin9", "LATIN9", "\xa4", "€"],
    ["koi8r", "KOI8R", "\xd0\xd2\xc9\xd7\xc5\xd4", "привет"],
    ["win1251", "WIN1251", "\xef\xf0\xe8\xe2\xe5\xf2", "привет"],
    ["win874", "WIN874", "\xa1", "ก"],
    ["euc_jp", "EUC_JP", "\xa5\xc7\xa1\xbc\xa5\xbf", "データ"],
    ["euc_kr", "EUC_KR", "\xc7\xd1", "한"],
    ["sql_ascii", "SQL_ASCII", "caf\xe9 \xc3\xa9", "caf\ufffd é"],
    ["mule_internal", "MULE_INTERNAL", "\x81\xe9", "\ufffd\ufffd"],
  ])("in the database %s, %s", (database, encoding, bytes, text) => {
    expect(server("UTF8", encoding).query(from(bytes), database)).toBe(text);
  });

  test("a name that is UTF-8 is read so everywhere, and else as our own database would", () => {
    const name = from("caf\xe9");
    expect(server("UTF8").name(name)).toBe("caf\ufffd");
    expect(server("LATIN1").name(name)).toBe("café");
    expect(server("LATIN1").name(escaped(Buffer.from("データ")))).toBe("データ");
  });

  test("half a character where the server cut the text is none, and elsewhere a sign that something is wrong", () => {
    const { query } = server("UTF8");
    const cutAt = (bytes: number) => query(escaped(Buffer.from("漢".repeat(500)).subarray(0, bytes)), "shop");
    for (const bytes of [298, 299, LIST_QUERY_BYTES, 1022, 1023]) {
      expect(cutAt(bytes)).toBe("漢".repeat(Math.trunc(bytes / 3)));
    }
    expect(cutAt(31)).toBe(`${"漢".repeat(10)}\ufffd`);
  });
});

test("a text is known to be whole only when it is shorter than what a sample carries, whatever its characters take", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "漢", "𠀀"), minLength: 50, maxLength: 320 });
  fc.assert(
    fc.property(text, (whole) => {
      const sent = Buffer.from(whole)
        .subarray(0, LIST_QUERY_BYTES)
        .toString()
        .replace(/\ufffd$/, "");
      if (sent !== whole) expect(mayBeCut(sent)).toBe(true);
    }),
  );
  expect(mayBeCut("x".repeat(LIST_QUERY_BYTES - 1))).toBe(false);
  expect(mayBeCut("x".repeat(LIST_QUERY_BYTES))).toBe(true);
});
