import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { client, sessions, testServer, type TestServer, withUser } from "../servers/server.ts";
import { pgtriage, refused, SECRET } from "./pgtriage.ts";

const HBA = `
host all postgres,app,report 127.0.0.1/32 trust
host all locked,unset 127.0.0.1/32 scram-sha-256
host all gone 127.0.0.1/32 trust
`;

describe.each([18, 10])("PostgreSQL %i does not let us in", (major) => {
  let server: TestServer;
  const open: pg.Client[] = [];

  beforeAll(async () => {
    server = await testServer(
      major,
      { max_connections: 8, superuser_reserved_connections: 2, max_wal_senders: 2 },
      { hba: HBA },
    );
    const session = await client(server.url);
    await session.query("set password_encryption = 'scram-sha-256'");
    await session.query(
      `create role locked login password 'right'; create role unset login; create role app login;
       create role report login connection limit 1; create role nologin; create role stranger login`,
    );
    await session.query("create database narrow connection limit 1");
    await session.query("create database closed allow_connections false");
    await session.end();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.end()));
  });
  afterAll(() => server?.stop());

  function as(
    user: string,
    { password, database = "postgres" }: { password?: string; database?: string } = {},
  ): string {
    const secret = password === undefined ? "" : `:${password}`;
    return `postgres://${user}${secret}@${server.host}:${server.port}/${database}`;
  }

  test("for a wrong password", async () => {
    const said = await refused(as("locked", { password: SECRET }));
    expect(said).toContain(`Wrong password for role "locked" on 127.0.0.1:${server.port}`);
    expect(await refused(as("locked"), { PGPASSWORD: SECRET })).toContain("Wrong password");
  });

  test("for no password, and says how to give one", async () => {
    const said = await refused(as("locked"));
    expect(said).toContain('wants a password for role "locked"');
    expect(said).toMatch(/PGPASSWORD|\.pgpass/);
  });

  test("with the right password it does", async () => {
    const { code } = await pgtriage(["snapshot", as("locked", { password: "right" })]);
    expect(code).toBe(0);
  });

  test("for a database that is not there, or accepts nobody", async () => {
    expect(await refused(as("app", { database: "shoop" }))).toContain('There is no database "shoop"');
    expect(await refused(as("app", { database: "closed" }))).toContain('Database "closed"');
  });

  test("for a role that is not there", async () => {
    const said = await refused(as("gone"));
    expect(said).toContain('does not let role "gone" in: role "gone" does not exist.');
  });

  test("for want of a line in pg_hba.conf", async () => {
    const said = await refused(as("stranger"));
    expect(said).toContain('does not let role "stranger" in: no pg_hba.conf entry');
  });

  test("when ordinary roles have no slot left, and says who still gets in", async () => {
    open.push(...(await sessions(withUser(server.url, "app"), 6)).clients);
    expect(await refused(as("app"))).toMatch(
      /No slot is left on .* reserved for superusers\. Still let in: superusers, and /,
    );
    expect((await pgtriage(["snapshot", server.url])).stdout).toMatch(/^CRITICAL: 7\/8 slots used, none left/);
  });

  test("when every slot is taken", async () => {
    open.push(...(await sessions(server.url, 8)).clients);
    const said = await refused(server.url);
    expect(said).toContain(`Every connection slot of 127.0.0.1:${server.port} is taken, the reserved ones too.`);
  });

  test("when the role is at its own limit", async () => {
    open.push(...(await sessions(withUser(server.url, "report"), 1)).clients);
    expect(await refused(as("report"))).toContain('Role "report" is at its own CONNECTION LIMIT');
  });

  test("when the database is at its own limit", async () => {
    open.push(await client(as("app", { database: "narrow" })));
    expect(await refused(as("app", { database: "narrow" }))).toContain(
      'Database "narrow" is at its own CONNECTION LIMIT',
    );
  });

  test("without TLS: prefer goes on in plain, require is told that there is none", async () => {
    const plain = ["disable", "allow", "prefer"].map((mode) => pgtriage(["snapshot", `${as("app")}?sslmode=${mode}`]));
    expect((await Promise.all(plain)).map((result) => result.code)).toEqual([0, 0, 0]);
    const said = await refused(`${as("app")}?sslmode=require`);
    expect(said).toContain(`127.0.0.1:${server.port} offers no TLS, and sslmode=require asks for it.`);
    expect(await refused(as("app"), { PGSSLMODE: "require" })).toContain("offers no TLS");
  });
});

describe("what was asked for makes no sense", () => {
  test.concurrent.each([
    { args: ["snapshot", "--formt", "json"], about: "formt" },
    { args: ["snapshot", "--format", "yaml"], about: "format" },
    { args: ["snapshot", "-p", "0"], about: "port" },
    { args: ["snapshot", "-p", "fifty"], about: "port" },
    { args: ["snapshot", "--warn", "120"], about: "--warn" },
    { args: ["snapshot", `postgres://u:${SECRET}@h/db?wat=1`], about: '"wat"' },
    { args: ["snapshot", `postgres://u:${SECRET}@h:port/db`], about: "URI" },
    { args: ["snapshot", `host=db password=${SECRET} oops`], about: "without a value" },
    { args: ["snapshot", "service=nowhere"], about: "nowhere" },
    { args: ["snapshot", `mysql://u:${SECRET}@h/db`], about: "URI" },
    { args: ["snapshot", `postgres://u:${SECRET}@h/db?sslmode=maybe`], about: "sslmode" },
    { args: ["snapshot", `postgres://u:${SECRET}@h/db`, "role", "extra"], about: "quotes" },
    { args: ["--interval", "0"], about: "--interval" },
    { args: ["--filter", "planet:mars"], about: "planet" },
    { args: ["--sort", "beauty"], about: "beauty" },
    { args: ["--history-memory", "lots"], about: "--history-memory" },
    { args: ["demo", "--scenario", "apocalypse"], about: "scenario" },
    { args: ["record", "postgres"], about: "not in this version yet" },
  ])("$args: exit 2, one line about $about and where to look", async ({ args, about }) => {
    const { code, stdout, stderr } = await pgtriage(args);
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^pgtriage: [^\n]+\nTry pgtriage --help\.\n$/);
    expect(stderr).toContain(about);
    expect(stderr).not.toContain(SECRET);
  });

  test("--help tells all commands and flags on stdout, --version the version: exit 0", async () => {
    const help = await pgtriage(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const word of ["snapshot", "demo", "--host", "--interval", "--filter"]) expect(help.stdout).toContain(word);
    expect(await pgtriage(["--version"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});
