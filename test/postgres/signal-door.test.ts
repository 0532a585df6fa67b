import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NotSentError } from "../../src/source/not-sent-error.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { prepareWriters, writer, type Writer } from "../servers/writer.ts";
import { anOrder, shown, verdict } from "./orders.ts";
import { backendOf, sourceOf } from "./pgtriage.ts";

describe.each([18, 13, 10])("an order to PostgreSQL %i", (major) => {
  let server: TestServer;
  let watcher: pg.Client;
  let source: Source;
  let mine: Writer;

  beforeAll(async () => {
    server = await testServer(major, { autovacuum: "off" });
    await prepareWriters(server.url);
    watcher = await client(server.url);
  });
  afterAll(async () => {
    await watcher?.end();
    await server?.stop();
  });
  beforeEach(async () => {
    source = await sourceOf(server.url);
    mine = await writer(server.url, "culprit");
  });
  afterEach(async () => {
    source.close();
    await mine.session.end().catch(() => {});
  });

  async function survives(): Promise<void> {
    expect(await mine.commits()).toBe(true);
  }

  describe("does not leave us", () => {
    /** What the server has seen of our connection last. */
    async function nothingAsked(ownPid: number): Promise<void> {
      const { rows } = await watcher.query("select query from pg_stat_activity where pid = $1", [ownPid]);
      expect(rows[0]?.query).not.toContain("select t.n");
    }

    test.each([
      ["nothing", ""],
      ["y", "y"],
      ["the pid alone", "PID"],
      ["the action alone", "terminate"],
      ["another case", "Terminate PID"],
      ["the other action", "cancel PID"],
      ["a blank at its end", "terminate PID "],
      ["the phrase of a group", "terminate all 1"],
      ["another pid", "terminate 1"],
    ])("for %s instead of the phrase", async (_, typed) => {
      const target = await shown(source, mine.pid);
      const { server: told } = await source.read();
      const order = anOrder("terminate", [target], { typed: typed.replace("PID", String(mine.pid)) });
      await expect(source.signal(order)).rejects.toThrow(NotSentError);
      await nothingAsked(told.ownPid!);
      await survives();
    });

    test("for the phrase of another number than there are targets", async () => {
      const { backends, server: told } = await source.read();
      const order = anOrder("terminate", backends, { typed: `terminate all ${backends.length - 1}` });
      await expect(source.signal(order)).rejects.toThrow(NotSentError);
      await nothingAsked(told.ownPid!);
      await survives();
    });

    test("without a target, or with one whose start our role was not told", async () => {
      const target = await shown(source, mine.pid);
      const { server: told } = await source.read();
      await expect(source.signal(anOrder("terminate", []))).rejects.toThrow(NotSentError);
      const hidden = { ...target, backendStart: null };
      await expect(source.signal(anOrder("terminate", [hidden]))).rejects.toThrow(NotSentError);
      await expect(source.signal(anOrder("terminate", [target, hidden]))).rejects.toThrow(NotSentError);
      await nothingAsked(told.ownPid!);
      await survives();
    });

    test("when the source was closed before its turn came", async () => {
      const target = await shown(source, mine.pid);
      const reading = source.read().catch(() => {});
      const waiting = source.signal(anOrder("terminate", [target])).catch((error: unknown) => error);
      source.close();
      await reading;
      expect(await waiting).toBeInstanceOf(NotSentError);
      await expect(source.signal(anOrder("terminate", [target]))).rejects.toThrow(NotSentError);
      await survives();
    });
  });

  test("two of us end the same session: whoever comes second is told that it has gone", async () => {
    const second = await sourceOf(server.url);
    try {
      const target = await shown(source, mine.pid);
      const same = await shown(second, mine.pid);
      expect(await verdict(source, "terminate", target)).toBe("sent");
      await mine.ended;
      await eventually(
        "gone there too",
        async () => backendOf(await source.read(), mine.pid),
        (b) => b === undefined,
      );
      expect(await verdict(second, "terminate", same)).toBe("gone");
    } finally {
      second.close();
    }
  });

  test("two of us at the very same time: neither is told anything but sent or gone, and nobody else ends", async () => {
    const second = await sourceOf(server.url);
    const other = await writer(server.url, "bystander");
    try {
      const target = await shown(source, mine.pid);
      const both = await Promise.all([source, second].map((one) => verdict(one, "terminate", target)));
      expect(both).toContain("sent");
      expect(both.filter((word) => word !== "sent" && word !== "gone")).toEqual([]);
      await mine.ended;
      expect(await other.commits()).toBe(true);
    } finally {
      await other.session.end();
      second.close();
    }
  });
});
