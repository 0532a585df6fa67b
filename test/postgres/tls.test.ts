import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificateAuthority, YESTERDAY, type CertificateAuthority, type Identity } from "../servers/certificates.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { pgtriage, refused, type Result } from "./pgtriage.ts";

const HBA = `
host all postgres 127.0.0.1/32 trust
hostssl all certified 127.0.0.1/32 cert
host all all 127.0.0.1/32 reject
`;

let server: TestServer;
let session: pg.Client;
let authority: CertificateAuthority;
let identity: Identity;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "pgtriage-tls-"));
  authority = await certificateAuthority("pgtriage test");
  identity = await authority.server(["db.example.test", "10.1.2.3"]);
  server = await testServer(
    18,
    { ssl: "on", ssl_ca_file: "root.crt" },
    { hba: HBA, files: { "server.crt": identity.cert, "server.key": identity.key, "root.crt": authority.root } },
  );
  session = await client(server.url);
  await session.query("create role certified login in role pg_monitor");
});
afterAll(async () => {
  await session?.end();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function file(name: string, content: string, mode = 0o600): string {
  const full = path.join(directory, name);
  writeFileSync(full, content);
  chmodSync(full, mode);
  return full;
}

/** Through the address, whatever name stands in `rest`. */
function to(rest: string, user = "postgres"): string {
  return `hostaddr=127.0.0.1 port=${server.port} user=${user} dbname=postgres ${rest}`;
}

async function getsIn(conninfo: string): Promise<Result> {
  const result = await pgtriage(["snapshot", conninfo]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  return result;
}

/** What the server presents from now on: it reads its files again. */
async function present({ cert, key }: Identity): Promise<void> {
  writeFileSync(path.join(server.dataDir, "server.crt"), cert);
  writeFileSync(path.join(server.dataDir, "server.key"), key);
  const { rows } = await session.query<{ since: string }>("select pg_conf_load_time()::text as since");
  await session.query("select pg_reload_conf()");
  // The postmaster reads them in its own time; a session begun after it has is a session with the new ones.
  for (;;) {
    const later = await client(server.url);
    const { rows: now } = await later.query<{ since: string }>("select pg_conf_load_time()::text as since");
    await later.end();
    if (now[0]!.since !== rows[0]!.since) return;
  }
}

describe("the server's certificate", () => {
  test("is believed by name, by wildcard not needed, and by address", async () => {
    const root = file("root.crt", authority.root);
    await getsIn(to(`host=db.example.test sslmode=verify-full sslrootcert=${root}`));
    await getsIn(to(`host=10.1.2.3 sslmode=verify-full sslrootcert=${root}`));
    await getsIn(to(`host=anything sslmode=verify-ca sslrootcert=${root}`));
  });

  test("for another name is refused in a plain sentence that says for which", async () => {
    const root = file("root.crt", authority.root);
    expect(await refused(to(`host=prod.example.test sslmode=verify-full sslrootcert=${root}`))).toBe(
      `pgtriage: The certificate of prod.example.test:${server.port} is made out for db.example.test, 10.1.2.3, not for ` +
        "prod.example.test: connect by a name that it bears; sslmode=verify-ca would accept any name.\n",
    );
    expect(await refused(to(`sslmode=verify-full sslrootcert=${root}`))).toContain("not for 127.0.0.1");
  });

  test("of an authority that we do not know is refused, and prefer goes on in plain", async () => {
    const strange = file("strange.crt", (await certificateAuthority("somebody else")).root);
    const said = await refused(to(`host=db.example.test sslmode=verify-full sslrootcert=${strange}`));
    expect(said).toContain(`is not signed by ${strange}`);
    await getsIn(to(`host=db.example.test sslmode=prefer sslrootcert=${strange}`));
  });

  test("cannot be looked at without root certificates, and system has none for it", async () => {
    expect(await refused(to("sslmode=verify-ca"))).toMatch(
      /sslmode=verify-ca needs root certificates, and there is no file/,
    );
    expect(await refused(to("host=db.example.test sslrootcert=system"))).toContain(
      "is not signed by the public authorities",
    );
    const broken = file("broken.crt", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    expect(await refused(to(`sslmode=verify-ca sslrootcert=${broken}`))).toContain(`${broken} (sslrootcert)`);
  });

  test("that was revoked is refused, by name of the list", async () => {
    const root = file("root.crt", authority.root);
    const list = file("revoked.crl", await authority.revoke(identity.cert));
    const said = await refused(to(`host=db.example.test sslmode=verify-ca sslrootcert=${root} sslcrl=${list}`));
    expect(said).toContain(`has been revoked, says ${list}`);
  });

  test("that has expired is refused, and require does not look", async () => {
    const root = file("root.crt", authority.root);
    await present(await authority.server(["db.example.test"], YESTERDAY));
    const said = await refused(to(`host=db.example.test sslmode=verify-full sslrootcert=${root}`));
    expect(said).toContain("has expired");
    await getsIn(to("sslmode=require"));
    await present(identity);
  });
});

describe("our own certificate", () => {
  test("lets us in, and its key must be ours alone", async () => {
    const person = await authority.client("certified");
    const cert = file("me.crt", person.cert);
    const key = file("me.key", person.key);
    await getsIn(to(`sslcert=${cert} sslkey=${key}`, "certified"));
    chmodSync(key, 0o644);
    const said = await refused(to(`sslmode=require sslcert=${cert} sslkey=${key}`, "certified"));
    expect(said).toContain(`The private key ${key} is not used because others may read it: chmod 600 ${key}`);
  });

  test("for another role, without its key, with another's key, or not at all: each is said", async () => {
    const [person, other] = [await authority.client("certified"), await authority.client("somebody")];
    const cert = file("me.crt", person.cert);
    const wrong = to(
      `sslmode=require sslcert=${file("o.crt", other.cert)} sslkey=${file("o.key", other.key)}`,
      "certified",
    );
    expect(await refused(wrong)).toContain('does not let role "certified" in');
    const none = path.join(directory, "none.key");
    expect(await refused(to(`sslmode=require sslcert=${cert} sslkey=${none}`, "certified"))).toContain(
      `no private key ${none}`,
    );
    const mixed = to(`sslmode=require sslcert=${cert} sslkey=${file("o.key", other.key)}`, "certified");
    expect(await refused(mixed)).toContain("cannot be used together");
    expect(await refused(to(`sslmode=require sslcert=${none}`, "certified"))).toContain(
      `There is no client certificate ${none}`,
    );
    expect(await refused(to("sslmode=require", "certified"))).toContain("requires a valid client certificate");
  });
});

test("the oldest version of TLS that is asked for is kept", async () => {
  await session.query("alter system set ssl_max_protocol_version = 'TLSv1.2'");
  await present(identity);
  const said = await refused(to("sslmode=require ssl_min_protocol_version=TLSv1.3"));
  expect(said).toMatch(/cannot agree on TLS/);
  await getsIn(to("sslmode=require ssl_min_protocol_version=TLSv1.2"));
});
