import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileLog, noLog } from "../../src/log.ts";

const SECRET = "s3cr3t-t0ken";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "pgtriage-log-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

let count = 0;
/** What the file holds after these calls: as bytes that a terminal would get, and as the entries that a script reads. */
function logged(write: (log: ReturnType<typeof fileLog>) => void): {
  text: string;
  entries: Record<string, unknown>[];
} {
  const file = path.join(directory, `${count++}.log`);
  write(fileLog(file));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, "utf8");
  return {
    text,
    entries: text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe("the log", () => {
  test("has one JSON line for each thing, and begins with the start", () => {
    const { entries } = logged((log) => {
      log("warning");
      log("no sample", new Error("the server\nis gone"));
    });
    expect(entries.map((entry) => entry["what"])).toEqual(["started", "warning", "no sample"]);
    expect(entries[2]).toMatchObject({ error: "the server\nis gone" });
    expect(entries[2]!["stack"]).toContain("log.test.ts");
  });

  test("can be shown by any terminal, and a script gets every text as it was", () => {
    const hostile = "\u001b[2J\u009b2J\u009d0;pwned\u009c\u0007\u007f\u202e\u2028\ud83d";
    const { text, entries } = logged((log) =>
      log(`lost ${hostile}`, Object.assign(new Error(hostile), { code: hostile })),
    );
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(entries[1]).toMatchObject({ what: `lost ${hostile}`, error: hostile, code: hostile });
  });

  test("tells the cause of a cause, and the errors of an error that has several", () => {
    const refused = [new Error("refused on ::1"), new Error("refused on 127.0.0.1")];
    const cause = new AggregateError(refused, "both failed");
    const { entries } = logged((log) => log("not connected", new Error("no source", { cause })));
    expect(entries[1]).toMatchObject({
      error: "no source",
      cause: { error: "both failed", errors: [{ error: "refused on ::1" }, { error: "refused on 127.0.0.1" }] },
    });
  });

  test("a cause that is its own cause ends somewhere", () => {
    const error = new Error("round");
    error.cause = error;
    expect(logged((log) => log("bug", error)).entries).toHaveLength(2);
  });

  test("never has a password, wherever an error carries it", () => {
    const url = `postgres://app:${SECRET}@db1/shop`;
    const invalid = (): Error => {
      try {
        return new Error(new URL(`postgres://app:${SECRET}@db 1:x/`).href);
      } catch (error) {
        return error as Error;
      }
    };
    const client = { config: { password: SECRET }, connectionParameters: { password: SECRET } };
    const errors: unknown[] = [
      new Error(`cannot connect to ${url}`),
      Object.assign(new Error("refused"), client),
      Object.assign(new Error("refused"), { code: client, detail: url, where: url, query: `password=${SECRET}` }),
      new Error("no source", { cause: new Error(url, { cause: `PGPASSWORD=${SECRET}` }) }),
      new AggregateError([new Error(url)], `password='${SECRET}'`),
      invalid(),
      client,
      url,
      [client],
    ];
    const { text } = logged((log) => {
      for (const error of errors) log(`trying ${url}`, error);
    });
    expect(text).not.toContain(SECRET);
  });

  test("takes records of our own making: one line each, numbers as numbers, without a stack", () => {
    const { entries } = logged((log) => {
      expect(log.record({ what: "action", targets: [{ pid: 41, client: null }], restarted: false })).toBe(true);
    });
    expect(entries).toHaveLength(2);
    expect(entries[1]).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      ...{ what: "action", targets: [{ pid: 41, client: null }], restarted: false },
    });
  });

  test("records hold no password either, however deep, and nothing that a terminal would obey", () => {
    const hostile = "\u001b[2J\u202e\u2028\n";
    const { text, entries } = logged((log) =>
      log.record({ what: "action", targets: [{ application: `password=${SECRET}` }, [`pg://a:${SECRET}@b`, hostile]] }),
    );
    expect(text).not.toContain(SECRET);
    expect(text.trimEnd().split("\n")).toHaveLength(2);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(entries[1]).toMatchObject({ targets: [{ application: "password=***" }, ["pg://a:***@b", hostile]] });
  });

  test("a record that cannot be written is said; that a failure cannot be, ends nothing", () => {
    const place = mkdtempSync(path.join(directory, "gone-"));
    const log = fileLog(path.join(place, "x.log"));
    rmSync(place, { recursive: true });
    expect(log.record({ what: "action" })).toBe(false);
    expect(() => log("lost", new Error("the server is gone"))).not.toThrow();
  });

  test("without a file nothing is missing", () => {
    expect(noLog.record({ what: "action" })).toBe(true);
  });

  test("a directory that is not there is said at the start", () => {
    expect(() => fileLog(path.join(directory, "nowhere", "x.log"))).toThrow(/ENOENT/);
  });
});
