import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileLog } from "../../src/log.ts";
import type { Backend } from "../../src/model/backend.ts";
import { actionRecord } from "../../src/report/action-record.ts";
import type { Outcome } from "../../src/state/outcome.ts";
import type { Returned } from "../../src/state/returned.ts";
import { aBackend, aHiddenBackend, aServer, aServersWorker, NOW, SERVER_NOW } from "./builders.ts";

const SECRET = "s3cr3t-t0ken";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "pgtriage-record-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function anOutcome(targets: readonly Backend[], given: Partial<Outcome> = {}): Outcome {
  const typed = targets.length === 1 ? `terminate ${targets[0]!.pid}` : `terminate all ${targets.length}`;
  return {
    order: { id: 3, action: "terminate", targets, typed, at: NOW, notAfterSeconds: SERVER_NOW + 5 },
    ...{ phase: "sending", answers: null, failure: null, answeredAt: null, done: new Map(), stillThere: 0 },
    ...{
      returned: [],
      sources: new Map(),
      server: aServer(),
      run: { lane: "normal", host: "", port: 0, startedSeconds: 0, checkpointer: null },
      restarted: false,
      changedAt: NOW,
    },
    ...given,
  };
}

const FROM: Returned = {
  ...{ user: "app", database: "shop", application: "leaky", client: "10.0.0.7" },
  ...{ ended: 1, came: 1, firstSeconds: 0.04123 },
};

let count = 0;
/** As a terminal gets it, and as a script reads it. */
function logged(outcome: Outcome, server = aServer()): { text: string; entry: Record<string, unknown> } {
  const file = path.join(directory, `${count++}.log`);
  expect(fileLog(file).record(actionRecord({ ...outcome, server }))).toBe(true);
  const text = readFileSync(file, "utf8").trimEnd().split("\n")[1]!;
  return { text, entry: JSON.parse(text) as Record<string, unknown> };
}

test("an order that is being sent tells who wants what of whom, and nothing that is not known yet", () => {
  const target = aBackend({ pid: 41, user: "etl", query: `insert into keys values ('${SECRET}')` });
  const { text, entry } = logged(anOutcome([target]));
  expect(entry).toEqual({
    at: expect.any(String),
    what: "action",
    id: 3,
    phase: "sending",
    action: "terminate",
    phrase: "terminate 41",
    orderedAt: new Date(NOW).toISOString(),
    server: { host: "prod-db-1", port: 5432, database: "shop", user: "monitor", version: "18.4", role: "primary" },
    targets: [
      {
        pid: 41,
        backendStart: "started-41",
        backendType: "client backend",
        role: "etl",
        database: "shop",
        application: "web",
        client: "10.0.3.17:51422",
        state: "idle",
        verdict: null,
        doneSeconds: null,
      },
    ],
    stillThere: 0,
    returned: [],
    failure: null,
    restarted: false,
    said: "sending …",
  });
  expect(text).not.toContain(SECRET);
});

test("what the server said and what was seen stands with each target", () => {
  const [gone, sent, local] = [aBackend({ pid: 1 }), aServersWorker({ pid: 2 }), aBackend({ pid: 3, clientPort: -1 })];
  const targets = [gone, sent, { ...local, clientAddress: null }];
  const answers = [
    { key: gone.key, verdict: "gone", state: null } as const,
    { key: sent.key, verdict: "sent", state: null } as const,
  ];
  const { entry } = logged(
    anOutcome(targets, {
      ...{ phase: "over", answers: { serverSeconds: SERVER_NOW, answers }, returned: [FROM] },
      done: new Map([[sent.key, 0.29971]]),
    }),
  );
  expect(entry).toMatchObject({
    phase: "over",
    targets: [
      { pid: 1, verdict: "gone", doneSeconds: null },
      { pid: 2, backendType: "autovacuum worker", role: null, client: null, verdict: "sent", doneSeconds: 0.3 },
      { pid: 3, client: "local", verdict: null },
    ],
    returned: [{ role: "app", application: "leaky", client: "10.0.0.7", ended: 1, came: 1, firstSeconds: 0.041 }],
  });
});

test("what is hidden from our role, or did not happen, is null", () => {
  const failure = { reason: `could not reach postgres://monitor:${SECRET}@db1`, unknown: true };
  const { text, entry } = logged(anOutcome([aHiddenBackend({ pid: 5 })], { failure, restarted: true }));
  expect(entry).toMatchObject({
    targets: [{ pid: 5, backendStart: null, backendType: null, client: null, state: null, verdict: null }],
    failure: { unknown: true },
    restarted: true,
  });
  expect(text).not.toContain(SECRET);
});

test("names of strangers stay one harmless line, and a script reads them as they were", () => {
  const application = '\u001b]52;c;cHduZWQ=\u0007\u009b2J\u202e\u2028\r\n{"what":"action"} 漢字 \ud83d';
  const user = `password='${SECRET}'`;
  const { text, entry } = logged(anOutcome([aBackend({ pid: 1, application, user, database: "\u0000\u007f" })]));
  expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(text).not.toContain(SECRET);
  expect(entry["targets"]).toMatchObject([{ application, role: "password=***", database: "\u0000\u007f" }]);
});

test("an application that is called like a password loses what looks like one, in the trail too", () => {
  const { text, entry } = logged(
    anOutcome([aBackend({ application: `postgres://app:${SECRET}@db1/shop` })], {
      returned: [{ ...{ user: "app", database: "shop", client: null, ended: 1, came: 0, firstSeconds: null } }].map(
        (from) => ({ ...from, application: `password=${SECRET}` }),
      ),
    }),
  );
  expect(text).not.toContain(SECRET);
  expect(entry["targets"]).toMatchObject([{ application: "postgres://app:***@db1/shop" }]);
  expect(entry["returned"]).toMatchObject([{ application: "password=***", firstSeconds: null }]);
});
