import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slots } from "../../src/analysis/slots.ts";
import { DEFAULT_SORT } from "../../src/state/view.ts";
import { NO_FILTER } from "../../src/state/filter.ts";
import { rows } from "../../src/state/rows.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, pidOf, testServer, type TestServer } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

const PARALLEL = `
create table pages as select n, md5(n::text) as body from generate_series(1, 50000) n;
create function slow(int) returns bool language plpgsql parallel safe as $$
  begin perform pg_sleep(0.001); return true; end $$;
analyze pages;
set max_parallel_workers_per_gather = 2;
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0`;

describe.each([18, 13])("a parallel query on PostgreSQL %i", (major) => {
  let server: TestServer;
  let source: Source;
  let leader: pg.Client;
  let pid: number;
  let reading: Promise<unknown>;

  beforeAll(async () => {
    server = await testServer(major);
    source = await sourceOf(server.url);
    leader = await client(server.url);
    pid = await pidOf(leader);
    await leader.query(PARALLEL);
    reading = leader.query("select count(*) from pages where slow(n)").catch(() => {});
  });
  afterAll(async () => {
    const killer = await client(server.url);
    await killer.query("select pg_cancel_backend($1)", [pid]);
    await killer.end();
    await reading;
    await leader.end();
    source.close();
    await server.stop();
  });

  test("has workers that tell their leader, take no slot, and are listed under it", async () => {
    const sample = await eventually(
      "two workers",
      () => source.read(),
      ({ backends }) => backends.filter((b) => b.backendType === "parallel worker").length === 2,
    );
    const workers = sample.backends.filter((b) => b.backendType === "parallel worker");
    expect(workers.map((worker) => worker.leaderPid)).toEqual([pid, pid]);
    expect(slots(sample).used).toEqual({ low: 2, high: 2 });
    const { all } = rows(sample, null, DEFAULT_SORT, NO_FILTER, true, null);
    const at = all.findIndex((row) => row.backend.pid === pid);
    expect(all.slice(at + 1, at + 3).map((row) => [row.worker, row.backend.leaderPid])).toEqual([
      [true, pid],
      [true, pid],
    ]);
  });
});
