import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Backend } from "../../src/model/backend.ts";
import { NOTHING_REFUSED } from "../../src/model/refusal.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Server } from "../../src/model/server.ts";
import { screen } from "../../src/panels/screen.ts";
import { decodeBackend, interner, type TextRow } from "../../src/source/decode.ts";
import { initialState } from "../../src/state/state.ts";
import { update } from "../../src/state/update.ts";
import type { CoreFigures } from "./core.ts";

// Rows are made as texts and decoded as those of a server are: what the heap holds is what it holds in use.
const START = 1_790_000_000;
const SAMPLES = 1800;
/** Enough that nothing is dropped: what is measured is what thirty minutes take. */
const CAPS = { bytes: 2 ** 30, seconds: 3600 };

const SERVER: Server = {
  lane: "normal",
  version: "18.4",
  versionNum: 180_004,
  role: "primary",
  host: "127.0.0.1",
  port: 5432,
  database: "shop",
  user: "monitor",
  startedSeconds: START,
  ownPid: 1,
  settings: {
    maxConnections: 6000,
    superuserReserved: 3,
    reserved: 0,
    maxWalSenders: 10,
    trackActivities: true,
    queryTextBytes: 1024,
  },
  limits: [],
  rights: {
    superuser: true,
    usesReserved: true,
    seeAll: true,
    listArchiveStatus: true,
    getAios: true,
    signal: true,
    signalAutovacuum: true,
    roles: ["postgres"],
  },
  superusers: ["postgres"],
  postmaster: null,
  tuning: null,
  databaseAges: [],
};

process.stdout.write(JSON.stringify({ ...history(), ...frames() } satisfies CoreFigures));

function history(): Pick<CoreFigures, "heapMegabytes" | "estimatedMegabytes" | "samples"> {
  const next = server(1000);
  let kept = append(emptyHistory(CAPS), next(0));
  const before = heap();
  for (let second = 1; second < SAMPLES; second++) kept = append(kept, next(second));
  return {
    heapMegabytes: (heap() - before) / 2 ** 20,
    estimatedMegabytes: kept.bytes / 2 ** 20,
    samples: kept.entries.length,
  };
}

function frames(): Pick<CoreFigures, "keyMs" | "readingMs"> {
  const next = server(5000);
  const options = {
    target: { place: "127.0.0.1:5432", database: "shop", user: "monitor" },
    thresholds: DEFAULT_THRESHOLDS,
    historyCaps: CAPS,
    readOnly: false,
    protect: [],
    chosenLane: null,
  };
  let state = initialState(options, START * 1000, 1, { width: 200, height: 50 });
  const readingMs: number[] = [];
  const keyMs: number[] = [];
  for (let second = 0; second < 60; second++) {
    const reading = next(second);
    readingMs.push(timed(() => ([state] = update(state, { kind: "reading", reading, at: reading.takenAt }))));
    // Moving, and what sorts everything anew.
    for (const key of ["j", ">", "G", "r", "k"]) {
      keyMs.push(timed(() => ([state] = update(state, { kind: "key", key, at: reading.takenAt }))));
    }
  }
  // The first ones are slow because the code is cold, which is how the first seconds really are; the median is not.
  return { keyMs, readingMs };

  function timed(work: () => void): number {
    const began = performance.now();
    work();
    screen(state);
    return performance.now() - began;
  }
}

/** Samples of a server with so many sessions, of which a tenth runs another query each second. */
function server(sessions: number): (second: number) => Sample {
  const texts = interner();
  const rows: Backend[] = [];
  return (second) => {
    for (let i = 0; i < sessions; i++) {
      if (second > 0 && (i + second) % 10 !== 0) continue;
      rows[i] = decodeBackend(row(i, second), rows[i], texts);
    }
    return {
      kind: "sample",
      takenAt: (START + second) * 1000,
      ownMs: 0.5,
      costMs: 5,
      serverMs: 4,
      serverSeconds: START + second,
      nextXid: 1_000_000 + second * 50,
      backends: [...rows],
      waitersNotResolved: 0,
      queues: [],
      holdouts: null,
      unfinished: [],
      counters: null,
      workings: null,
      refused: NOTHING_REFUSED,
      usage: null,
      server: SERVER,
    };
  };
}

function row(i: number, second: number): TextRow {
  const at = String(START + second + i / 10_000);
  const active = i % 20 === 0;
  const statement = `SELECT o.*, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = ${(i * 7 + second) % 300}`;
  return [
    String(10_000 + i),
    `2026-11-22 09:20:11.${String(100_000 + i)}+00`,
    String(START - 100 - i / 10),
    "client backend",
    `role_${i % 5}`,
    "shop",
    `web-${i % 20}`,
    `10.0.3.${i % 30}`,
    String(40_000 + i),
    active ? "active" : "idle",
    active ? null : "Client",
    active ? null : "ClientRead",
    active ? at : null,
    at,
    at,
    active ? String(1_000_000 + second * 50) : null,
    active ? String(999_000 + second * 50) : null,
    null,
    `58219930112${i % 50}`,
    null,
    `${statement} ORDER BY o.placed_at DESC LIMIT 50`,
  ];
}

function heap(): number {
  (globalThis as unknown as { gc(): void }).gc();
  return process.memoryUsage().heapUsed;
}
