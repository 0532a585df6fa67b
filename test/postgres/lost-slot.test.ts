import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pins } from "../../src/analysis/horizon.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

// A slot that has lost its WAL is told with the catalog_xmin it had: of what VACUUM does not remove, nothing is for it.

describe.each([18, 16, 13])("a slot that is lost, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let session: pg.Client;

  beforeAll(async () => {
    const settings = { max_slot_wal_keep_size: "1MB", max_wal_size: "32MB", autovacuum: "off" };
    server = await testServer(major, { wal_level: "logical", ...settings });
    session = await client(server.url);
    await session.query("select pg_create_logical_replication_slot('gone', 'pgoutput')");
    await session.query("create table wide (n int, filler text)");
    for (let i = 0; i < 4; i++) {
      await session.query("insert into wide select g, repeat('x', 500) from generate_series(1, 40000) g");
      await session.query("select pg_switch_wal()");
      await session.query("checkpoint");
    }
  });
  afterAll(async () => {
    await session?.end();
    await server?.stop();
  });

  test("it has a catalog_xmin still, and holds nothing back", async () => {
    const { rows } = await session.query("select wal_status, catalog_xmin is null as free from pg_replication_slots");
    expect(rows).toEqual([{ wal_status: "lost", free: false }]);
    const source = await sourceOf(server.url);
    try {
      const sample = await source.read();
      expect(pins(sample)?.all).toEqual([]);
      expect(sample.holdouts?.slots).toEqual([]);
    } finally {
      source.close();
    }
  });

  test("VACUUM removes rows of catalogs that have died since", async () => {
    for (let i = 0; i < 30; i++) await session.query(`create table short (n int); drop table short`);
    const said: string[] = [];
    session.on("notice", ({ message, detail }) => said.push(`${message} ${detail}`));
    await session.query("vacuum verbose pg_catalog.pg_class");
    expect(said.join("\n")).toMatch(/\b0 (?:dead row versions cannot be removed|are dead but not yet removable)/);
  });
});
