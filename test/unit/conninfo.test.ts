import { userInfo } from "node:os";
import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { conninfo, ConninfoError, SSL_MODES, type Conninfo } from "../../src/connection/conninfo.ts";

const USER = userInfo().username;
const of = (text: string | undefined, flags = {}, env = {}): Conninfo => conninfo(text, flags, env);

test("nothing said means what psql means by it", () => {
  expect(of(undefined, { host: "db" })).toEqual({
    host: "db",
    port: 5432,
    database: USER,
    user: USER,
    password: null,
    sslmode: "prefer",
    sslrootcert: null,
    connectTimeoutSeconds: 10,
    applicationName: "pgtriage",
  });
});

describe("a URI", () => {
  test.each<[string, Partial<Conninfo>]>([
    ["postgres://db1", { host: "db1", port: 5432, database: USER }],
    ["postgresql://db1", { host: "db1" }],
    ["postgres://db1/shop", { database: "shop" }],
    ["postgres://db1:5433/shop", { port: 5433 }],
    ["postgres://db1:/shop", { port: 5432, database: "shop" }],
    ["postgres://app@db1/shop", { user: "app", password: null }],
    ["postgres://app@db1", { user: "app", database: "app" }],
    ["postgres://app:secret@db1/shop", { user: "app", password: "secret" }],
    ["postgres://app:@db1/shop", { password: null }],
    ["postgres://a%40b:p%40ss%3A%2F%3F%23%25@db1/sh%2Fop", { user: "a@b", password: "p@ss:/?#%", database: "sh/op" }],
    ["postgres://app:p%C3%A9%20x@db1", { password: "pé x" }],
    ["postgres://[::1]:5433/shop", { host: "::1", port: 5433 }],
    ["postgres://app@[2001:db8::7]/shop", { host: "2001:db8::7", user: "app" }],
    ["postgres://%2Fvar%2Frun%2Fpostgresql/shop", { host: "/var/run/postgresql" }],
    ["postgres:///shop?host=/tmp&port=5519", { host: "/tmp", port: 5519, database: "shop" }],
    ["postgres://db1/shop?user=u&password=p%26q&dbname=other", { user: "u", password: "p&q", database: "other" }],
    ["postgres://db1?sslmode=verify-full&sslrootcert=/ca.pem", { sslmode: "verify-full", sslrootcert: "/ca.pem" }],
    ["postgres://db1?connect_timeout=3&application_name=a%20b", { connectTimeoutSeconds: 3, applicationName: "a b" }],
    ["postgres://db1/shop?", { database: "shop" }],
    ["postgres://db1/shop?password=a=b", { password: "a=b" }],
  ])("%s", (uri, expected) => {
    expect(of(uri)).toMatchObject(expected);
  });

  test("may stand where psql has -d", () => {
    expect(of(undefined, { dbname: "postgres://db1/shop" })).toMatchObject({ host: "db1", database: "shop" });
  });

  test("any user and password come through percent-encoding unharmed", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: "grapheme" }),
        fc.string({ minLength: 1, unit: "grapheme" }),
        (user, password) => {
          expect(of(`postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@db1`)).toMatchObject({
            user,
            password,
          });
        },
      ),
    );
  });
});

test("a bare word is the database's name", () => {
  expect(of("shop", { host: "db" })).toMatchObject({ database: "shop", host: "db" });
});

describe("flags win over the URI, the URI over the environment", () => {
  const uri = "postgres://u1:p1@h1:1111/d1?sslmode=require";
  const env = {
    PGHOST: "h2",
    PGPORT: "2222",
    PGUSER: "u2",
    PGDATABASE: "d2",
    PGPASSWORD: "p2",
    PGSSLMODE: "disable",
    PGAPPNAME: "a2",
    PGCONNECT_TIMEOUT: "7",
    PGSSLROOTCERT: "/c2",
  };
  const fromEnv = {
    host: "h2",
    port: 2222,
    user: "u2",
    database: "d2",
    password: "p2",
    sslmode: "disable",
    applicationName: "a2",
    connectTimeoutSeconds: 7,
    sslrootcert: "/c2",
  };
  const fromUri = {
    ...fromEnv,
    host: "h1",
    port: 1111,
    user: "u1",
    database: "d1",
    password: "p1",
    sslmode: "require",
  };

  test.each([
    ["the environment alone", undefined, {}, fromEnv],
    ["a URI over it", uri, {}, fromUri],
    ["-h over both", uri, { host: "h3" }, { ...fromUri, host: "h3" }],
    ["-p over both", uri, { port: 3333 }, { ...fromUri, port: 3333 }],
    ["-U over both", uri, { username: "u3" }, { ...fromUri, user: "u3" }],
    ["-d over both", uri, { dbname: "d3" }, { ...fromUri, database: "d3" }],
    ["-d over the environment", undefined, { dbname: "d3" }, { ...fromEnv, database: "d3" }],
  ])("%s", (_, text, flags, expected) => {
    expect(of(text, flags, env)).toEqual(expected);
  });

  test.each([
    "PGHOST",
    "PGPORT",
    "PGUSER",
    "PGDATABASE",
    "PGPASSWORD",
    "PGSSLMODE",
    "PGAPPNAME",
    "PGCONNECT_TIMEOUT",
    "PGSSLROOTCERT",
  ])("an empty %s counts as not set", (name) => {
    expect(of("postgres://db1", {}, { [name]: "" })).toEqual(of("postgres://db1"));
  });
});

test.each(SSL_MODES)("sslmode=%s is known", (sslmode) => {
  expect(of(`postgres://db1?sslmode=${sslmode}`).sslmode).toBe(sslmode);
});

describe("what makes no sense is said in one sentence", () => {
  test.each([
    [
      "postgres:// with nothing that fits",
      "postgres://u:p/w@h/d",
      "that is no connection URI: postgres://user@host:port/database?option=value",
    ],
    ["another scheme", "mysql://h/d", "that is no connection URI: it begins with postgres:// or postgresql://"],
    [
      "key=value",
      "host=h password=hunter2",
      "key=value connection strings are not supported yet: use a URI or -h -p -U -d",
    ],
    ["several hosts", "postgres://h1,h2/d", "several hosts in one URI are not supported yet: name one"],
    ["a port out of range", "postgres://h:65536/d", "port is a number from 1 to 65535"],
    ["port 0", "postgres://h:0/d", "port is a number from 1 to 65535"],
    ["a port that is none", "postgres://h/d?port=x", "port is a number from 1 to 65535"],
    [
      "an option that there is not",
      "postgres://h/d?sslmod=require",
      "the connection URI has an option that is not supported; supported are ",
    ],
    [
      "a mode that there is not",
      "postgres://h/d?sslmode=on",
      "sslmode is not one of disable, allow, prefer, require, verify-ca, verify-full",
    ],
    ["a timeout that is none", "postgres://h/d?connect_timeout=soon", "connect_timeout is a number from 0 to 3600"],
    ["a timeout below zero", "postgres://h/d?connect_timeout=-1", "connect_timeout is a number from 0 to 3600"],
    ["a % that encodes nothing", "postgres://u:100%@h/d", "the connection URI has a % that is no percent-encoding"],
  ])("%s", (_, text, message) => {
    expect(() => of(text)).toThrow(ConninfoError);
    expect(() => of(text)).toThrow(message);
  });

  test.each(["5432x", "-1", "1.5", "99999"])("PGPORT=%s", (PGPORT) => {
    expect(() => of("postgres://h", {}, { PGPORT })).toThrow("port is a number from 1 to 65535");
  });
});

describe("no error ever contains the password", () => {
  function messageOf(text: string): string {
    try {
      of(text, {}, {});
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  }

  test.each([
    ["with a slash in it", "postgres://app:/hunter2@db1/shop"],
    ["with a question mark in it", "postgres://app:?hunter2@db1/shop"],
    ["with a # in it", "postgres://app:#hunter2@db1/shop"],
    ["with a % in it", "postgres://app:%hunter2@db1/shop"],
    ["with an @ in it", "postgres://app:@hunter2@db1/shop"],
    ["with an & in it, as an option", "postgres://db1/shop?password=x&hunter2"],
    ["of several hosts", "postgres://app:hunter2@h1,h2/shop"],
    ["of a wrong port", "postgres://app:hunter2@db1:99999/shop"],
    ["of a wrong mode", "postgres://app:hunter2@db1?sslmode=no"],
    ["in a key=value string", "host=db1 password=hunter2"],
    ["of another scheme", "mysql://app:hunter2@db1"],
  ])("%s", (_, text) => {
    expect(messageOf(text)).not.toContain("hunter2");
  });

  test("an @ that is not encoded does not make a piece of the password the host, which is shown", () => {
    expect(messageOf("postgres://app:hun@ter2@db1/shop")).not.toBe("");
  });

  test("whatever it is", () => {
    const password = fc
      .string({ minLength: 4, unit: fc.constantFrom(..."ab1@/?#%&=:[], ") })
      .map((text) => `Zz${text}zZ`);
    fc.assert(
      fc.property(password, fc.constantFrom("", "?sslmode=no", "?x=1"), (secret, rest) => {
        expect(messageOf(`postgres://app:${secret}@db1/shop${rest}`)).not.toContain("zZ");
      }),
    );
  });
});
