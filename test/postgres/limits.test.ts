import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, sessions, type Sessions, testServer, type TestServer, withUser } from "../servers/server.ts";
import { pgtriage, snapshotOf } from "./pgtriage.ts";

describe.each([18, 10])("limits of single roles and databases on PostgreSQL %i", (major) => {
  let server: TestServer;
  const opened: Sessions[] = [];

  beforeAll(async () => {
    server = await testServer(major, { max_connections: 40 });
    const session = await client(server.url);
    await session.query(
      `create role report login connection limit 2; create role etl login connection limit 10;
       create role closed login connection limit 0; create role unlimited login;
       create role dba login superuser connection limit 1`,
    );
    await session.query("create database shop connection limit 5");
    await session.end();
    const shop = server.url.replace(/postgres$/, "shop");
    opened.push(await sessions(server.url, 2, { role: "report" }));
    opened.push(await sessions(shop, 4, { role: "etl" }));
    opened.push(await sessions(server.url, 3, { role: "dba" }));
  });
  afterAll(async () => {
    await Promise.all(opened.map((some) => some.close()));
    await server?.stop();
  });

  test("are listed with what is used of them; superusers, who are exempt, are not", async () => {
    const { slots } = await snapshotOf(server.url);
    expect([...slots.limits].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { kind: "role", name: "closed", limit: 0, used: 0 },
      { kind: "role", name: "etl", limit: 10, used: 4 },
      { kind: "role", name: "report", limit: 2, used: 2 },
      { kind: "database", name: "shop", limit: 5, used: 4 },
    ]);
  });

  test("are said in words when they are full or nearly so, and PostgreSQL refuses where we say FULL", async () => {
    const { stdout } = await pgtriage(["snapshot", server.url]);
    expect(stdout).toContain("limit: role report 2/2 FULL\n");
    expect(stdout).toContain("limit: database shop 4/5\n");
    expect(stdout).not.toMatch(/limit: role (etl|dba|unlimited)/);
    await expect(client(withUser(server.url, "report"))).rejects.toMatchObject({ code: "53300" });
    const one = await client(withUser(server.url.replace(/postgres$/, "shop"), "unlimited"));
    await one.end();
  });
});
