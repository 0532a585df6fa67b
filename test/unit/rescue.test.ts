import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { conninfo } from "../../src/connection/conninfo.ts";
import { rescueConninfo } from "../../src/connection/rescue.ts";

const TO = conninfo(
  { words: ["postgres://monitor:secret@db1:5433,db2:5434/shop?sslmode=verify-full&sslrootcert=/etc/root.crt"] },
  { HOME: "/home/me" },
);

function rescue(text: string, env: Readonly<Record<string, string>> = {}, to = TO): ReturnType<typeof rescueConninfo> {
  return rescueConninfo(text, to, { HOME: "/home/me", ...env });
}

describe("another role on the same server", () => {
  test("is all that --rescue needs to say: place, database and TLS are those of the normal way in", () => {
    const { hosts, user, database, tls } = rescue("user=dba");
    expect({ hosts, user, database, tls }).toEqual({ hosts: TO.hosts, user: "dba", database: "shop", tls: TO.tls });
  });

  test("does not get a password that was given for somebody else", () => {
    expect(rescue("user=dba").password).toBeNull();
    expect(rescue("user=dba", { PGPASSWORD: "of monitor" }).password).toBeNull();
    expect(rescue("user=dba password=own")).toMatchObject({ password: "own" });
  });

  test("the same role goes on with its own", () => {
    expect(rescue("dbname=postgres")).toMatchObject({ user: "monitor", database: "postgres", password: "secret" });
  });

  test("a database's name is enough, as with psql", () => {
    expect(rescue("postgres")).toMatchObject({ user: "monitor", database: "postgres", hosts: TO.hosts });
  });

  test("the address that was named goes with its host", () => {
    const to = conninfo({ words: ["host=db1 hostaddr=10.0.0.7 user=monitor dbname=shop"] }, { HOME: "/home/me" });
    expect(rescue("user=dba", { PGHOSTADDR: "10.9.9.9" }, to).hosts).toEqual([
      { host: "db1", hostaddr: "10.0.0.7", port: 5432 },
    ]);
  });

  test("with a certificate of its own looks at the server's all the same", () => {
    const found = rescue("user=dba sslcert=/home/me/dba.crt sslkey=/home/me/dba.key");
    expect(found.tls).toMatchObject({ mode: "verify-full", rootcert: "/etc/root.crt", cert: "/home/me/dba.crt" });
    expect(rescue("user=dba sslrootcert=system").tls).toMatchObject({ mode: "verify-full", rootcert: "system" });
    const system = conninfo(
      { words: ["postgres://monitor@db1/shop?sslrootcert=system&sslnegotiation=direct"] },
      { HOME: "/home/me" },
    );
    expect(rescue("user=dba sslmode=require", {}, system).tls).toMatchObject({ mode: "require", direct: false });
  });

  test("is asked for a password in no other way", () => {
    const to = conninfo(
      { words: ["postgres://monitor@db1/shop?require_auth=scram-sha-256&channel_binding=require"] },
      { HOME: "/home/me" },
    );
    const { requireAuth, channelBindingRequired } = to;
    expect(rescue("user=dba", {}, to)).toMatchObject({ requireAuth, channelBindingRequired });
    expect(rescue("user=dba require_auth=md5 channel_binding=prefer", {}, to)).toMatchObject({
      requireAuth: { methods: ["md5"] },
      channelBindingRequired: false,
    });
  });

  test("what it says of TLS counts", () => {
    expect(rescue("user=dba sslmode=disable").tls.mode).toBe("disable");
  });
});

describe("another road", () => {
  test("has a host of its own, and then its own port and TLS", () => {
    const found = rescue("host=/var/run/postgresql user=postgres");
    expect(found).toMatchObject({
      hosts: [{ host: "/var/run/postgresql", port: 5432 }],
      user: "postgres",
      database: "shop",
    });
    expect(found.tls.mode).toBe("prefer");
  });

  test("by a service, which may name another role: no password goes with it that was given for somebody else", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "pgtriage-rescue-"));
    try {
      const file = path.join(directory, "service.conf");
      writeFileSync(file, "[dba]\nhost=db9\nuser=dba\n[same]\nhost=db9\n");
      const env = { PGSERVICEFILE: file, PGPASSWORD: "of monitor" };
      expect(rescue("service=dba", env)).toMatchObject({ user: "dba", password: null });
      expect(rescue("service=same", env)).toMatchObject({ user: "monitor", password: "of monitor" });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("past a pooler, as a URI", () => {
    expect(rescue("postgres://dba:own@db1:6432/postgres")).toMatchObject({
      hosts: [{ host: "db1", port: 6432 }],
      user: "dba",
      password: "own",
      database: "postgres",
    });
  });
});

test("what makes no sense is refused, and quotes no password", () => {
  expect(() => rescue("user=dba password=hunter2 oops")).toThrow(/connection string/);
  const said = (): unknown => rescue("postgres://dba:hunter2@x@y/z");
  expect(said).toThrow(/%40/);
  expect(said).not.toThrow(/hunter2/);
});
