import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NotSentError } from "../../src/source/not-sent-error.ts";
import type { Source } from "../../src/source/postgres.ts";
import { certificateAuthority } from "../servers/certificates.ts";
import { eventually } from "../servers/deadline.ts";
import { type FaultProxy, faultProxy } from "../servers/fault-proxy.ts";
import { client, pidOf, testServer, type TestServer } from "../servers/server.ts";
import { prepareWriters, writer } from "../servers/writer.ts";
import { anOrder, shown, verdict, verdicts } from "./orders.ts";
import { sourceOf } from "./pgtriage.ts";

/** Over the bad network, and what became of the order. */
interface Road {
  readonly proxy: FaultProxy;
  readonly source: Source;
  close(): Promise<void>;
}

let server: TestServer;

beforeAll(async () => {
  const { cert, key } = await (await certificateAuthority("pgtriage test")).server(["127.0.0.1"]);
  server = await testServer(18, { ssl: "on" }, { files: { "server.crt": cert, "server.key": key } });
  await prepareWriters(server.url);
});
afterAll(() => server?.stop());

async function road(sslmode: string): Promise<Road> {
  const proxy = await faultProxy(server);
  const source = await sourceOf(`postgres://postgres@${proxy.host}:${proxy.port}/postgres?sslmode=${sslmode}`);
  return {
    proxy,
    source,
    async close() {
      source.close();
      await proxy.close();
    },
  };
}

/** A session that has done nothing wrong must be able to commit, whatever came of the order. */
describe.concurrent("an order that a frozen network swallows", () => {
  test.each(["disable", "require"])("is reset at once when somebody quits (sslmode=%s)", async (sslmode) => {
    const [mine, { proxy, source, close }] = [await writer(server.url, "culprit"), await road(sslmode)];
    const target = await shown(source, mine.pid);
    proxy.set({ blackHole: true });
    const answer = source.signal(anOrder("terminate", [target])).catch((error: unknown) => error);
    await eventually(
      "on its way",
      () => proxy.swallowed(),
      (bytes) => bytes > 0,
    );
    source.close();
    expect(await answer).not.toBeInstanceOf(NotSentError);
    await eventually(
      "reset",
      () => proxy.resets(),
      (resets) => resets === 1,
    );
    expect(await mine.commits()).toBe(true);
    await mine.session.end();
    await close();
  });

  test.each(["disable", "require"])(
    "is given up with a reset of the connection, which cannot deliver it later (sslmode=%s)",
    async (sslmode) => {
      const [mine, { proxy, source, close }] = [await writer(server.url, "culprit"), await road(sslmode)];
      const target = await shown(source, mine.pid);
      proxy.set({ blackHole: true });
      const answer = source.signal(anOrder("terminate", [target])).catch((error: unknown) => error);
      expect(await answer).not.toBeInstanceOf(NotSentError);
      await eventually(
        "reset",
        () => proxy.resets(),
        (resets) => resets === 1,
      );
      proxy.set({ blackHole: false });
      await expect(source.signal(anOrder("terminate", [target]))).rejects.toThrow(NotSentError);
      expect(await mine.commits()).toBe(true);
      await mine.session.end();
      await close();
    },
  );

  test("is not even sent when it stood in line behind a sample that was not answered", async () => {
    const [mine, { proxy, source, close }] = [await writer(server.url, "culprit"), await road("disable")];
    const target = await shown(source, mine.pid);
    proxy.set({ blackHole: true });
    const reading = source.read().catch((error: unknown) => error);
    await expect(source.signal(anOrder("terminate", [target]))).rejects.toThrow(NotSentError);
    expect(await reading).toBeInstanceOf(Error);
    await eventually(
      "reset",
      () => proxy.resets(),
      (resets) => resets === 1,
    );
    expect(await mine.commits()).toBe(true);
    await mine.session.end();
    await close();
  });
});

test("a goodbye is a goodbye where nothing was ordered", async () => {
  const { proxy, source, close } = await road("disable");
  const { ownPid } = (await source.read()).server;
  source.close();
  const admin = await client(server.url);
  const left = "select from pg_stat_activity where pid = $1";
  await eventually(
    "it has left",
    async () => (await admin.query(left, [ownPid])).rowCount,
    (count) => count === 0,
  );
  expect(proxy.resets()).toBe(0);
  await admin.end();
  await close();
});

test("a socket that knows no reset is closed all the same", async () => {
  const source = await sourceOf(`host=${server.socketDir} port=${server.port} user=postgres dbname=postgres`);
  const mine = await writer(server.url, "culprit");
  const admin = await client(server.url);
  const { ownPid } = (await source.read()).server;
  const target = await shown(source, mine.pid);
  await admin.query("begin; lock table pg_catalog.pg_authid");
  const answer = source.signal(anOrder("terminate", [target])).catch((error: unknown) => error);
  const waits = "select from pg_locks where pid = $1 and not granted";
  await eventually(
    "it waits for the catalog",
    async () => (await admin.query(waits, [ownPid])).rowCount,
    (count) => count === 1,
  );
  source.close();
  expect(await answer).not.toBeInstanceOf(NotSentError);
  await admin.query("rollback");
  const left = "select from pg_stat_activity where pid = $1";
  await eventually(
    "it has left",
    async () => (await admin.query(left, [ownPid])).rowCount,
    (count) => count === 0,
  );
  await Promise.all([admin.end(), mine.session.end().catch(() => {})]);
});

test("an order that was longer on its way than its deadline allows does nothing", async () => {
  const [mine, { proxy, source, close }] = [await writer(server.url, "culprit"), await road("disable")];
  const target = await shown(source, mine.pid);
  const { serverSeconds } = await source.read();
  proxy.set({ latencyMs: 1_000 });
  const order = anOrder("terminate", [target], { notAfterSeconds: serverSeconds + 0.5 });
  const answers = await source.signal(order);
  expect(verdicts(answers)).toEqual(["late"]);
  expect(answers.serverSeconds).toBeGreaterThan(order.notAfterSeconds);
  expect(await mine.commits()).toBe(true);
  await mine.session.end();
  await close();
});

test("a lock on the catalog that delays the order past its deadline is noticed as well", async () => {
  const mine = await writer(server.url, "culprit");
  const [admin, source] = [await client(server.url), await sourceOf(server.url)];
  const target = await shown(source, mine.pid);
  const { serverSeconds, server: told } = await source.read();
  await admin.query("begin; lock table pg_catalog.pg_authid");
  const waits = "select from pg_locks where pid = $1 and not granted";
  const order = anOrder("terminate", [target], { notAfterSeconds: serverSeconds + 0.2 });
  const answer = source.signal(order);
  await eventually(
    "it waits, and its time is over",
    async () =>
      (
        await admin.query<{ over: boolean }>(
          `select extract(epoch from clock_timestamp()) > $2 as over from (${waits}) w`,
          [told.ownPid, order.notAfterSeconds],
        )
      ).rows[0]?.over,
    (over) => over === true,
  );
  await admin.query("rollback");
  expect(verdicts(await answer)).toEqual(["late"]);
  expect(await mine.commits()).toBe(true);
  source.close();
  await Promise.all([admin.end(), mine.session.end()]);
});

describe.each([18, 13, 10])("PostgreSQL %i was restarted between the sample and the order", (major) => {
  let own: TestServer;
  let before: Source;
  let admin: pg.Client;

  beforeAll(async () => {
    own = await testServer(major);
    await prepareWriters(own.url);
    // Nothing is flushed to disk in a throw-away server: what the crash must not take is written down now.
    const session = await client(own.url);
    await session.query("checkpoint");
    await session.end();
  });
  afterAll(() => own?.stop());
  beforeEach(async () => {
    before = await sourceOf(own.url);
    admin = await client(own.url);
  });
  afterEach(() => before.close());

  test("who was there is gone, and who has come since is somebody else", async () => {
    const mine = await writer(own.url, "culprit");
    const target = await shown(before, mine.pid);
    const victim = await pidOf(admin);
    // To PostgreSQL the sudden death of one backend is a crash: all sessions end, and it recovers.
    process.kill(victim, "SIGKILL");
    await mine.ended;
    await eventually(
      "our connection has ended as well",
      () => before.signal(anOrder("terminate", [target], { typed: "" })).catch((error: Error) => error.message),
      (said) => typeof said === "string" && said.includes("lost"),
    );
    await expect(before.signal(anOrder("terminate", [target]))).rejects.toThrow(NotSentError);
    const reopened = await eventually(
      "the server is back",
      () => sourceOf(own.url).catch(() => null),
      (one) => one !== null,
    );
    const after = reopened!;
    const newcomer = await writer(own.url, "newcomer");
    expect(await verdict(after, "terminate", target)).toBe("gone");
    expect(await verdict(after, "terminate", { ...target, pid: newcomer.pid })).toBe("reused");
    expect(await newcomer.commits()).toBe(true);
    await newcomer.session.end();
    after.close();
  });
});
