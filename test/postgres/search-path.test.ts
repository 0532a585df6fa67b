import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, testServer, type TestServer, withUser } from "../servers/server.ts";
import { prepareWriters, writer } from "../servers/writer.ts";
import { anOrder, inState, shown, verdict } from "./orders.ts";
import { sourceOf } from "./pgtriage.ts";

// Whoever owns a database may set its search_path, and whoever may create in a schema of ours lays operators there. None of them
// must run with our rights, nor make two starts of a session look equal.

describe.each([18, 13, 10])("operators of strangers on PostgreSQL %i", (major) => {
  let server: TestServer;
  let watcher: pg.Client;

  beforeAll(async () => {
    server = await testServer(major);
    await prepareWriters(server.url);
    watcher = await client(server.url);
    await watcher.query("create role mallory login");
    await watcher.query("create database evil owner mallory");
    await watcher.query("create table public.caught (who text); grant insert on public.caught to public");
    await watcher.query("grant create on schema public to mallory");
  });
  afterAll(async () => {
    await watcher?.end();
    await server?.stop();
  });

  test("in a database whose owner set the search_path: nothing of theirs runs, and who is who is compared", async () => {
    const url = server.url.replace(/\/postgres$/, "/evil");
    const owner = await client(withUser(url, "mallory"));
    await owner.query("create schema ev; create table ev.caught (who text); grant all on schema ev to public");
    await owner.query("grant insert on ev.caught to public");
    for (const type of ["timestamptz", "float8", "text", "oid", "int4", "bool"]) {
      await owner.query(
        `create function ev.same(${type}, ${type}) returns bool language plpgsql as
         $$ begin insert into ev.caught values (current_user); return true; end $$`,
      );
      await owner.query(`create operator ev.= (leftarg = ${type}, rightarg = ${type}, procedure = ev.same)`);
    }
    await owner.query("alter database evil set search_path = ev, pg_catalog");
    const mine = await writer(server.url, "culprit");
    const source = await sourceOf(url);
    try {
      const target = await shown(source, mine.pid, inState("idle in transaction"));
      await source.holdings(target);
      await source.wholeQuery(target);
      const another = { ...target, backendStart: "2020-01-01 00:00:00.000001+00" };
      expect((await source.signal(anOrder("terminate", [another]))).answers[0]!.verdict).toBe("reused");
      expect(await verdict(source, "terminate", { ...target, stateChangeSeconds: 1 })).toBe("changed");
      // One that has read nothing yet, as after a reconnect whose first sample failed.
      const fresh = await sourceOf(url);
      await fresh.holdings(target);
      expect(await verdict(fresh, "terminate", another)).toBe("reused");
      fresh.close();
      expect((await owner.query("select * from ev.caught")).rows).toEqual([]);
      expect(await mine.commits()).toBe(true);
    } finally {
      source.close();
      await mine.session.end();
      await owner.end();
    }
  });

  test("in public, where anybody may lay an exact match", async () => {
    const mallory = await client(withUser(server.url, "mallory"));
    await mallory.query(
      `create function public.above(oid, int4) returns bool language plpgsql as
       $$ begin insert into public.caught values (current_user); return true; end $$`,
    );
    await mallory.query("create operator public.>= (leftarg = oid, rightarg = int4, procedure = public.above)");
    const elsewhere = await client(server.url.replace(/\/postgres$/, "/evil"));
    await elsewhere.query("set search_path = public; create table bait (n int)");
    await elsewhere.query("begin; lock table bait");
    const { rows } = await elsewhere.query<{ pid: number }>("select pg_backend_pid() as pid");
    const source = await sourceOf(server.url);
    try {
      const holdings = await source.holdings(await shown(source, rows[0]!.pid, inState("idle in transaction")));
      expect(holdings?.relations).toHaveLength(1);
      expect((await watcher.query("select * from public.caught")).rows).toEqual([]);
    } finally {
      source.close();
      await elsewhere.end();
      await mallory.end();
    }
  });
});
