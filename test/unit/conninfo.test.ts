import * as fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConnectionString } from "../../src/connection/connection-string.ts";
import { conninfo, placesOf, type Conninfo, type Given } from "../../src/connection/conninfo.ts";
import { ConninfoError, type Environment } from "../../src/connection/parameters.ts";
import { SSL_MODES } from "../../src/connection/tls-wishes.ts";

// Where each string leads is held against psql's own doing in test/postgres/connecting.test.ts.

const USER = userInfo().username;
const HOME = "/home/me";
const of = (text: string | undefined, flags: Given = {}, env: Environment = {}): Conninfo =>
  conninfo({ ...flags, words: [text] }, { HOME, ...env });

test("nothing said means what psql means by it, but for the patience", () => {
  expect(of(undefined, { host: "db" })).toEqual({
    hosts: [{ host: "db", hostaddr: null, port: 5432 }],
    database: USER,
    user: USER,
    password: null,
    passwordFrom: "PGPASSWORD",
    passfile: "/home/me/.pgpass",
    tls: {
      mode: "prefer",
      direct: false,
      rootcert: "/home/me/.postgresql/root.crt",
      crl: "/home/me/.postgresql/root.crl",
      cert: "/home/me/.postgresql/postgresql.crt",
      key: "/home/me/.postgresql/postgresql.key",
      certNamed: false,
      certMode: "allow",
      keyPassword: null,
      sni: true,
      minVersion: "TLSv1.2",
      maxVersion: null,
    },
    targetSessionAttrs: "any",
    shuffleHosts: false,
    connectTimeoutSeconds: 10,
    applicationName: "pgtriage",
    options: null,
    replication: null,
    keepalives: true,
    keepalivesIdleSeconds: 0,
    requireAuth: null,
    channelBindingRequired: false,
  });
});

describe("a connection string comes through whole", () => {
  const texts = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !text.includes("\0"));
  const settings = fc.record({ user: texts, password: texts, dbname: texts, application_name: texts });

  test("as a URI, percent-encoded", () => {
    fc.assert(
      fc.property(settings, ({ user, password, dbname, application_name: app }) => {
        const [u, p, d, a] = [user, password, dbname, app].map(encodeURIComponent);
        expect(parseConnectionString(`postgres://${u}:${p}@h1:1,[::1]:2,h3/${d}?application_name=${a}`)).toEqual({
          ...{ user, password, dbname, application_name: app, host: "h1,::1,h3", port: "1,2," },
        });
      }),
    );
  });

  test("as name=value, quoted or escaped, with any blanks around", () => {
    const quote = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;
    const escape = (text: string): string => text.replace(/[\\'\s]/g, "\\$&");
    fc.assert(
      fc.property(settings, fc.boolean(), fc.constantFrom("=", " = ", "\n=\t"), (all, quoting, sign) => {
        const pairs = Object.entries(all).map(([name, value]) => `${name}${sign}${(quoting ? quote : escape)(value)}`);
        expect(parseConnectionString(` ${pairs.join("  ")} `)).toEqual(all);
      }),
    );
  });

  test("and whatever else is typed is understood or is a sentence, never a crash", () => {
    const pieces = fc.constantFrom(
      "postgres://",
      "host",
      "=",
      "'",
      "\\",
      " ",
      "@",
      ":",
      "/",
      "?",
      "&",
      "[",
      "]",
      "%",
      "%41",
      ",",
      "é",
      "port",
    );
    const typed = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(typed, (text) => {
        try {
          of(text, { host: "db" });
        } catch (error) {
          expect(error).toBeInstanceOf(ConninfoError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe("a named connection gives way to every flag, and stands above service and environment", () => {
  const named = "postgres://u1:p1@h1:1111/d1?hostaddr=10.0.0.1";
  const env = { PGHOST: "h2", PGPORT: "2222", PGUSER: "u2", PGDATABASE: "d2" };
  test.each<[string, Given, Partial<Conninfo>]>([
    [
      "alone",
      {},
      { hosts: [{ host: "h1", hostaddr: "10.0.0.1", port: 1111 }], user: "u1", database: "d1", password: "p1" },
    ],
    ["-h, and its address goes with its host", { host: "h3" }, { hosts: [{ host: "h3", hostaddr: null, port: 1111 }] }],
    ["-p", { port: "3333" }, { hosts: [{ host: "h1", hostaddr: "10.0.0.1", port: 3333 }] }],
    ["-U", { username: "u3" }, { user: "u3", database: "d1" }],
    ["-d", { dbname: "d3" }, { user: "u1", database: "d3" }],
  ])("%s", (_, flags, expected) => {
    expect(of(undefined, { ...flags, named }, env)).toMatchObject(expected);
  });
});

test.each(SSL_MODES)("sslmode=%s is known", (mode) => {
  expect(of(`postgres://db1?sslmode=${mode}`).tls.mode).toBe(mode);
});

test.each([
  [undefined, 10],
  ["0", 0],
  ["-1", 0],
  ["1", 2],
  ["7", 7],
])("connect_timeout %s is %i seconds, 0 for ever", (text, seconds) => {
  expect(of("postgres://db1", {}, { PGCONNECT_TIMEOUT: text }).connectTimeoutSeconds).toBe(seconds);
});

test("places are said as one would type them", () => {
  expect(placesOf(of("postgres://db1,[::1]:5433"))).toBe("db1:5432,[::1]:5433");
  expect(placesOf(of("host=/tmp port=5555"))).toBe("/tmp/.s.PGSQL.5555");
});

describe("what cannot be done is said, not ignored", () => {
  test.each([
    ["postgres://h?gssencmode=require", "GSSAPI"],
    ["postgres://h?requirepeer=postgres", "requirepeer"],
    ["postgres://h?sslcrldir=/etc/crl", "sslcrldir"],
    ["host=@abstract", "without a file"],
    ["postgres://h?sslrootcert=system&sslmode=prefer", "verify-full"],
    ["postgres://h?require_auth=md5,!none", "not both"],
    ["postgres://h?require_auth=magic", "require_auth"],
  ])("%s", (text, word) => {
    expect(() => of(text)).toThrow(ConninfoError);
    expect(() => of(text)).toThrow(word);
  });
});

describe("what makes no sense is said in one sentence", () => {
  test.each([
    ["another scheme", "mysql://h/d", "that is no connection URI: it begins with postgres:// or postgresql://"],
    ["a port out of range", "postgres://h:65536/d", "port is a number from 1 to 65535"],
    ["port 0", "postgres://h:0/d", "port is a number from 1 to 65535"],
    ["a port that is none", "postgres://h/d?port=x", "port is a number from 1 to 65535"],
    [
      "a misspelt parameter",
      "postgres://h/d?sslmod=require",
      'has a parameter "sslmod" that there is not: did you mean sslmode?',
    ],
    ["another driver's word", "postgres://h/d?database=x", "did you mean dbname?"],
    ["a misspelt name", "hots=db1", 'the connection string has a parameter "hots" that there is not'],
    ["a word too many", "host=db1 shop", 'the connection string has "shop" without a value'],
    ["a mode that there is not", "postgres://h/d?sslmode=on", "sslmode is not one of disable, allow, prefer"],
    ["a timeout that is none", "postgres://h/d?connect_timeout=soon", "connect_timeout is a whole number"],
    ["a % that encodes nothing", "postgres://u:100%@h/d", "the connection URI has a % that is no percent-encoding"],
    ["a NUL", "postgres://h/a%00b", "%00"],
    ["half a character", "postgres://h/%C3", "no UTF-8"],
    ["an @ in the password", "postgres://u:p@ss@h/d", "is written %40"],
    ["three words", "postgres://h", "last word"],
  ])("%s", (what, text, message) => {
    const more = what === "three words" ? { words: [text, "role", "extra"] } : { words: [text] };
    expect(() => conninfo(more, {})).toThrow(ConninfoError);
    expect(() => conninfo(more, {})).toThrow(message);
  });

  test.each([
    [{ PGPORT: "5432x" }, "PGPORT=5432x: port is a number from 1 to 65535"],
    [{ PGPORT: "99999" }, "PGPORT=99999: port is a number from 1 to 65535"],
    [{ PGSSLMODE: "" }, "PGSSLMODE=: sslmode is not one of "],
    [{ PGTARGETSESSIONATTRS: "x" }, "PGTARGETSESSIONATTRS=x: target_session_attrs is not one of "],
    [{ PGHOSTADDR: "db1" }, "PGHOSTADDR=db1: hostaddr is an address"],
  ])("%j, and the variable is named", (env, message) => {
    expect(() => of("postgres://h", {}, env)).toThrow(message);
  });
});

describe("no error ever contains the password, or a piece of it", () => {
  const PASSWORD = "hunter2hunter";
  function messageOf(text: string): string {
    try {
      of(text);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  }
  test.each([
    `postgres://u:${PASSWORD}@h:port/d`,
    `postgres://u:x/${PASSWORD}@h/d`,
    `postgres://u:x@${PASSWORD}@h/d`,
    `postgres://u:x?${PASSWORD}@h/d?${PASSWORD}`,
    `postgres://u:x/a?${PASSWORD}=1@h/d`,
    `postgres://u:x/a&${PASSWORD}@h/d?b`,
    `postgres://u:[${PASSWORD}@h/d`,
    `postgres://u:${PASSWORD}%@h/d`,
    `host=h password=a ${PASSWORD}`,
    `host=h password=a ${PASSWORD}=b`,
    `host=h password='${PASSWORD}`,
    `host=h password=${PASSWORD} port=x`,
    `mysql://u:${PASSWORD}@h/d`,
    `pg://u:${PASSWORD}@h/d`,
  ])("%s", (text) => {
    expect(messageOf(text)).not.toContain(PASSWORD);
  });

  test("and where it is not encoded it becomes neither host nor database, which are shown", () => {
    const password = fc
      .string({ minLength: 4, unit: fc.constantFrom(..."ab1@/?#%&=:[], ") })
      .map((text) => `Zz${text}zZ`);
    fc.assert(
      fc.property(password, fc.constantFrom("", "?sslmode=no", "?x=1"), (secret, rest) => {
        const text = `postgres://app:${secret}@db1/shop${rest}`;
        expect(messageOf(text)).not.toMatch(/Zz|zZ/);
        try {
          const to = of(text);
          expect(`${placesOf(to)} ${to.database} ${to.user}`).not.toMatch(/Zz|zZ/);
        } catch (error) {
          expect(error).toBeInstanceOf(ConninfoError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a service", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), "pgtriage-service-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const service = (content: string): Conninfo => {
    const file = path.join(directory, "services");
    writeFileSync(file, content);
    return conninfo({ words: ["service=ours"] }, { PGSERVICEFILE: file, HOME });
  };

  test("fills what was not said; the first line about a parameter counts, and values may hold anything", () => {
    const to = service("[ours]\nhost=db1\nhost=db2\npassword= a=b # c\n[other]\nport=1\n");
    expect(to).toMatchObject({
      hosts: [{ host: "db1", port: 5432 }],
      password: " a=b # c",
      passwordFrom: "the service file",
    });
  });
  test.each([
    ["[theirs]\nhost=db1\n", /no service "ours" is defined in /],
    ["[ours]\nhost\n", /line 2 of the service file .* is not name=value/],
    ["[ours]\n\nsekret=1\n", /line 3 of the service file .* sets a parameter that there is not/],
    ["[ours]\nservice=theirs\n", /a service within a service/],
  ])("%j is a sentence with its line", (content, message) => {
    expect(() => service(content)).toThrow(message);
  });
  test("a file that was named must be there", () => {
    expect(() => conninfo({ words: ["service=ours"] }, { PGSERVICEFILE: "/no/such/file" })).toThrow(
      "there is no service file /no/such/file",
    );
  });
});
