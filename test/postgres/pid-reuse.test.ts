import { describe, expect, test } from "vitest";
import type { Source } from "../../src/source/postgres.ts";
import { backendKey, type Backend } from "../../src/model/backend.ts";
import { eventually } from "../servers/deadline.ts";
import { type NamespaceServer, serverInNamespace } from "../servers/namespace.ts";
import { testServer } from "../servers/server.ts";
import { prepareWriters, writer, type Writer } from "../servers/writer.ts";
import { anOrder, shown, verdict, verdicts } from "./orders.ts";
import { backendOf, sourceOf } from "./pgtriage.ts";

// Everybody else's pids come round after millions of processes, or after thirty thousand. Here they come round at once, in a pid
// namespace, and where a machine permits none, the guard is shown by a row whose start alone is another.

describe.each([18, 13, 10])("a pid that comes round on PostgreSQL %i", (major) => {
  test("is not who had it before: nothing is sent, and the newcomer commits", async () => {
    const place = await serverInNamespace(major);
    if (typeof place === "string") {
      process.stderr.write(`[pid reuse] PostgreSQL ${major}: by a changed backend_start, no pid namespace: ${place}\n`);
      return byAnotherStart(major);
    }
    process.stderr.write(`[pid reuse] PostgreSQL ${major}: by a real reuse, in a pid namespace\n`);
    try {
      await prepareWriters(place.url);
      const source = await sourceOf(place.url);
      const { old, newcomer } = await cameRound(place, source);
      expect(newcomer.pid).toBe(old.pid);
      await nothingIsSent(source, old, newcomer);
      source.close();
    } finally {
      await place.stop();
    }
  });
});

/** A session as it was shown, ended since, and another one with its very pid. */
async function cameRound(place: NamespaceServer, source: Source): Promise<{ old: Backend; newcomer: Writer }> {
  const first = await writer(place.url, "was here before");
  const old = await shown(source, first.pid);
  await first.session.end();
  await eventually(
    "ended",
    async () => backendOf(await source.read(), old.pid),
    (backend) => backend === undefined,
  );
  const newcomer = await eventually(
    "its pid once more",
    async () => {
      await place.nextPid(old.pid);
      const next = await writer(place.url, "newcomer");
      if (next.pid !== old.pid) await next.session.end();
      return next;
    },
    (next) => next.pid === old.pid,
  );
  return { old, newcomer };
}

async function byAnotherStart(major: number): Promise<void> {
  const server = await testServer(major);
  try {
    await prepareWriters(server.url);
    const source = await sourceOf(server.url);
    const newcomer = await writer(server.url, "newcomer");
    const now = await shown(source, newcomer.pid);
    const backendStart = "2020-02-02 02:02:02.123456+00";
    await nothingIsSent(source, { ...now, backendStart, key: backendKey(now.pid, backendStart) }, newcomer);
    source.close();
  } finally {
    await server.stop();
  }
}

async function nothingIsSent(source: Source, old: Backend, newcomer: Writer): Promise<void> {
  expect(await verdict(source, "terminate", old)).toBe("reused");
  expect(await verdict(source, "cancel", old)).toBe("reused");
  expect(verdicts(await source.signal(anOrder("terminate", [old, old])))).toEqual(["reused", "reused"]);
  expect(await newcomer.commits()).toBe(true);
  // It was within reach all the time: by its own start it is ended.
  const now = await shown(source, newcomer.pid, (backend) => backend.state === "idle");
  expect(now.key).not.toBe(old.key);
  expect(await verdict(source, "terminate", now)).toBe("sent");
  await newcomer.ended;
}
