import { describe, expect, test } from "vitest";
import { reserveOf } from "../../src/analysis/reserve.ts";
import { freeForUs, slots } from "../../src/analysis/slots.ts";
import { backendKey, isSameBackend, type Backend } from "../../src/model/backend.ts";
import type { Lane } from "../../src/model/lane.ts";
import type { Sample } from "../../src/model/reading.ts";
import { runOf, sameRun } from "../../src/model/server-run.ts";
import type { Postmaster } from "../../src/model/server.ts";
import type { Message } from "../../src/state/message.ts";
import type { Entry } from "../../src/state/state.ts";
import { changeSince } from "../../src/state/as-shown.ts";
import {
  aBackend,
  aGap,
  anAuxiliary,
  aSample,
  aServer,
  aState,
  backends,
  NOW,
  press,
  run,
  seen,
  SERVER_NOW,
  shown,
  tick,
} from "./builders.ts";

const POSTMASTER: Postmaster = {
  pid: 900,
  osUser: "postgres",
  dataDirectory: "/var/lib/postgresql/17/main",
  limitsFrom: "pg_control and its configuration files",
  limitsDoubt: null,
  refuses: "everybody",
  tellsActivity: true,
};

/** As the host lane names the same session: by ticks, and half a second apart. */
function byKernel(pid: number, given: Partial<Backend> & { connectedAge?: number } = {}): Backend {
  const start = `proc ${81_000 + pid}`;
  const { connectedAge = 600.4, ...fields } = given;
  return aBackend({
    pid,
    application: null,
    connectedAge,
    queryAge: null,
    stateAge: null,
    query: "",
    ...fields,
    backendStart: start,
    key: backendKey(pid, start),
  });
}

function by(lane: Lane, list: readonly Backend[], secondsLater = 0, given: Partial<Sample> = {}): Sample {
  const host = lane === "host";
  const server = aServer({ lane, ...(host && { ownPid: null, database: null, user: "root", postmaster: POSTMASTER }) });
  return aSample({ secondsLater, backends: list, server, ...given });
}

function entry(given: Partial<Entry>): Message {
  return { kind: "entry", entry: { closed: [], retry: null, lastPlace: false, ...given }, at: NOW };
}

const FULL = "Every connection slot of prod-db-1:5432 is taken, the reserved ones too.";

describe("the header says how we are in", () => {
  test.each<[Lane, RegExp]>([
    ["walsender", /WALSENDER LANE/],
    ["rescue", /RESCUE LANE/],
    ["host", /HOST VIEW, NO SQL/],
  ])("by the %s lane, at every size that has a header", (lane, badge) => {
    for (const [width, height] of [
      [200, 60],
      [120, 40],
      [80, 24],
      [60, 12],
      [40, 10],
      [30, 3],
    ] as const) {
      const { state } = run(aState({ width, height }), seen(by(lane, backends(3))));
      expect(shown(state), `${width}x${height}`).toMatch(badge);
    }
  });

  test("and nothing, in a normal slot", () => {
    const { state } = run(aState({ width: 200, height: 60 }), seen(by("normal", backends(3))));
    expect(shown(state)).not.toMatch(/LANE|HOST VIEW|RESERVE/);
  });
});

describe("in the reserve", () => {
  // 100 slots, 3 for superusers, 3 reserved: 94 for the applications.
  test.each([
    [94, null],
    [95, { name: "reserved", left: 2 }],
    [97, { name: "reserved", left: 0 }],
    [98, { name: "superuser", left: 2 }],
    [100, { name: "superuser", left: 0 }],
  ])("with %i of 94 app slots used: %j", (used, reserve) => {
    const server = aServer({ superuser: true });
    expect(reserveOf(aSample({ backends: backends(used), server }))).toEqual(reserve);
  });

  test("an ordinary role never sits, nor does a walsender", () => {
    expect(reserveOf(aSample({ backends: backends(98) }))).toBeNull();
    expect(
      reserveOf(aSample({ backends: backends(98), server: aServer({ superuser: true, lane: "walsender" }) })),
    ).toBeNull();
  });

  test("before 16 there is one reserve", () => {
    const server = aServer({ major: 15, superuser: true });
    expect(reserveOf(aSample({ backends: backends(98), server }))).toEqual({ name: "superuser", left: 2 });
  });
});

describe("whether a normal slot is free for us", () => {
  test.each([
    [93, {}, true],
    [94, {}, false],
    [94, { usesReserved: true }, true],
    [97, { usesReserved: true }, false],
    [97, { superuser: true }, true],
    [100, { superuser: true }, false],
  ])("%i used, %j: %s", (used, rights, free) => {
    expect(freeForUs(aSample({ backends: backends(used), server: aServer(rights) }))).toBe(free);
  });

  test("is not known without limits, and then it is not claimed", () => {
    const server = aServer({ lane: "host", maxConnections: null, superuserReserved: null, reserved: null });
    expect(freeForUs(aSample({ backends: backends(9), server }))).toBeNull();
  });
});

describe("limits that are not known", () => {
  const server = aServer({
    lane: "host",
    postmaster: { ...POSTMASTER, refuses: null, limitsFrom: null },
    maxConnections: null,
  });
  const sample = aSample({ backends: backends(9), server });

  test("make no level, no number of what is left, and no scale", () => {
    const now = slots(sample);
    expect(now).toMatchObject({ max: null, app: null, level: "unknown", free: { app: null, superuser: null } });
    for (const [width, height] of [
      [200, 60],
      [120, 40],
      [80, 24],
      [60, 12],
      [40, 10],
    ] as const) {
      const text = shown(run(aState({ width, height }), seen(sample)).state);
      expect(text).toContain("9/?");
      expect(text).not.toMatch(/null|NaN|undefined/);
    }
  });

  test("a refusal of the server's is critical all the same", () => {
    const refusing = aSample({ backends: [], server: aServer({ lane: "host", postmaster: POSTMASTER }) });
    expect(slots(refusing).level).toBe("critical");
  });
});

describe("half-open connections", () => {
  const halfOpen = Array.from({ length: 57 }, (_, i) =>
    byKernel(2000 + i, { backendType: "half-open", user: null, database: null, state: "starting" }),
  );
  const sample = by("host", halfOpen, 0, { unfinished: [{ client: "10.0.0.7", count: 57 }] });

  test("hold no slot, and are counted and told where from", () => {
    expect(slots(sample)).toMatchObject({ used: { low: 0, high: 0 }, halfOpen: 57 });
    const { state } = run(aState({ width: 120, height: 40 }), seen(sample));
    expect(shown(state)).toContain("57 half-open connections: no startup packet yet, 57 from 10.0.0.7");
    expect(shown(state)).toContain("(half-open)");
  });
});

describe("the same session by two lanes", () => {
  const sql = aBackend({ pid: 41, connectedAge: 600 });

  test("is known by its pid and about the same start", () => {
    expect(isSameBackend(sql, byKernel(41))).toBe(true);
    expect(isSameBackend(sql, byKernel(41, { connectedAge: 590 }))).toBe(false);
    expect(isSameBackend(sql, byKernel(42))).toBe(false);
    expect(isSameBackend(sql, aBackend({ pid: 41, backendStart: "another", connectedAge: 600 }))).toBe(false);
  });

  test("has not ended, and is not said to have gone on by the times of another clock", () => {
    expect(changeSince(sql, byKernel(41), "terminate")).toBeNull();
    expect(changeSince(sql, byKernel(41, { state: "active" }), "terminate")).toMatchObject({ kind: "went-on" });
  });

  test("cursor, tags and what is followed go over; nobody seems to have come or gone", () => {
    const sqlRows = [41, 42, 43].map((pid) => aBackend({ pid }));
    const hostRows = [41, 42, 43].map((pid) => byKernel(pid));
    const { state } = run(
      aState({ width: 120, height: 40 }),
      seen(by("normal", sqlRows)),
      press("j", "space", "f"),
      seen(by("host", hostRows, 1)),
    );
    const { key } = hostRows[1]!;
    expect([...state.view.tagged]).toEqual([key]);
    expect(state.view.follow).toBe(hostRows[2]!.key);
    expect(shown(state)).not.toMatch(/[+†] *4\d /);
    expect(state.history.entries.at(-1)?.tally).toMatchObject({ openedPerSecond: null, gonePerSecond: null });
    const back = run(state, seen(by("normal", sqlRows, 2))).state;
    expect([...back.view.tagged]).toEqual([sqlRows[1]!.key]);
  });

  test("the cursor of a tab goes over as well, and the page of a session does not become another one's", () => {
    const pinning = { state: "idle in transaction", xactAge: 60, backendXid: 7 };
    const sqlRows = [41, 42, 43].map((pid) => aBackend({ pid, ...pinning }));
    const hostRows = [41, 42, 43].map((pid) => byKernel(pid));
    const start = run(aState({ width: 120, height: 40 }), seen(by("normal", sqlRows)), press("4", "j", "enter")).state;
    const toggled = new Set<string>([sqlRows[1]!.key]);
    const { state } = run({ ...start, view: { ...start.view, toggled } }, seen(by("host", hostRows, 1)));
    expect(state.view.places.vacuum?.cursor).toBe(hostRows[1]!.key);
    expect([...state.view.toggled]).toEqual([hostRows[1]!.key]);
    expect(shown(state)).toContain("Backend 42");
    expect(run(state, press("x")).state.dialog?.targets.map(({ pid }) => pid)).toEqual([42]);
  });

  test("a question is closed when the names of sessions change, and not when they stay", () => {
    const open = run(aState({ width: 120, height: 40 }), seen(by("walsender", [sql])), press("x"), {
      kind: "painted",
      at: NOW,
    } as const).state;
    expect(open.dialog).not.toBeNull();
    expect(run(open, seen(by("normal", [sql], 1))).state.dialog).not.toBeNull();
    const closed = run(open, seen(by("host", [byKernel(41)], 1))).state;
    expect(closed.dialog).toBeNull();
    expect(closed.notice?.text).toMatch(/another lane now: 41 not terminated, nothing was sent/);
  });
});

test("the same run of a server by two lanes, which know its start by two clocks", () => {
  const sql = runOf(aSample({ backends: [anAuxiliary("checkpointer", 7)] }));
  const host = { ...sql, lane: "host", startedSeconds: sql.startedSeconds - 0.4 } as const;
  expect(sameRun(sql, host)).toBe(true);
  expect(sameRun(sql, { ...host, startedSeconds: SERVER_NOW })).toBe(false);
  expect(sameRun(sql, { ...host, checkpointer: 8 })).toBe(false);
  expect(sameRun(sql, { ...sql, startedSeconds: sql.startedSeconds + 0.4 })).toBe(false);
});

describe("not let in", () => {
  const closed = [
    { lane: "normal", why: `${FULL} Still let in: walsenders (roles with REPLICATION).`, forWantOfSlot: true },
    { lane: "walsender", why: 'Role "app" may not connect as a walsender.', forWantOfSlot: false },
    { lane: "host", why: "Prod-db-1 is another machine.", forWantOfSlot: false },
  ] as const;
  const out = (width: number, height: number, ...then: (Message | Message[])[]) =>
    run(aState({ width, height }), seen(aGap(FULL)), entry({ closed, retry: { tries: 3, at: NOW + 1400 } }), ...then)
      .state;

  test.each([
    [120, 40],
    [80, 24],
    [40, 10],
    [20, 3],
  ])("the whole screen says why, at %ix%i", async (width, height) => {
    await expect(shown(out(width, height))).toMatchFileSnapshot(`frames/not-in-${width}x${height}.txt`);
  });

  test("when it is tried again is counted down", () => {
    expect(shown(out(80, 24))).toContain("Trying again in 1.4 s, 3rd try.");
    expect(shown(out(80, 24, tick(1)))).toContain("Trying again in 0.4 s, 3rd try.");
    expect(shown(out(80, 24, tick(2)))).toContain("Trying now, 3rd try.");
  });

  test("E asks for another try, at any time; nothing else of it is left once we are in", () => {
    const { effects } = run(out(80, 24), press("E"));
    expect(effects).toEqual([{ kind: "enter" }]);
    const { state } = run(out(80, 24), seen(by("normal", backends(3))));
    expect(shown(state)).not.toMatch(/Not in|try/);
    expect(run(state, press("E")).effects).toEqual([]);
  });

  test("W takes the last walsender place only where that is all that is left", () => {
    expect(run(out(80, 24), press("W")).effects).toEqual([]);
    const asked = run(out(80, 24), entry({ closed, retry: { tries: 2, at: NOW }, lastPlace: true }));
    expect(shown(asked.state)).toContain("W take the last walsender place");
    expect(run(asked.state, press("W")).effects).toEqual([{ kind: "take-last-place" }]);
  });

  test("once there has been a picture, it stays, with the reason and the next try beside its age", () => {
    const { state } = run(
      aState({ width: 120, height: 40 }),
      seen(by("normal", backends(3))),
      seen(aGap(FULL, 2)),
      entry({ closed, retry: { tries: 1, at: NOW + 3000 } }),
      tick(2),
    );
    expect(shown(state)).toMatch(/trying again in 1\.0 s, 1st try {3}STALE 2\.0s/);
    expect(shown(state)).toContain(FULL);
    const page = run(state, press("e")).state;
    expect(shown(page)).toMatch(/Ways in, in the order.*host +Prod-db-1 is another machine\./s);
  });
});

describe("the page of the way in", () => {
  test("a lane that was tried as two roles is closed twice", () => {
    const walsender = (why: string) => ({ lane: "walsender", why, forWantOfSlot: false }) as const;
    const closed = [walsender("Role app may not."), walsender("Every walsender is taken.")];
    const { state } = run(aState(), seen(by("host", backends(3))), entry({ closed }), press("e"));
    expect(shown(state)).toMatch(/walsender Role app may not\. Every walsender is taken\./);
  });

  test("its keys stay in sight while nobody lets us in, since the page itself says why", () => {
    const { state } = run(aState(), seen(by("normal", backends(3))), seen(aGap(FULL, 2)), press("e"));
    expect(shown(state).trimEnd()).toMatch(/Esc back {2}E try now[^\n]*$/);
  });

  test.each<[Lane, RegExp]>([
    ["walsender", /a normal one is taken|E try now/],
    ["rescue", /until a normal slot|E try now/],
    ["host", /E try now/],
  ])("a lane that was chosen, %s, promises no other one", (lane, promise) => {
    const options = { chosenLane: lane };
    const { state } = run(aState({ width: 160, height: 40, options }), seen(by(lane, backends(3))));
    expect(shown(state)).not.toMatch(promise);
    const { state: page } = run(state, press("e"));
    expect(shown(page)).not.toMatch(promise);
    expect(shown(page)).toContain(`normal    not tried: --lane ${lane}`);
    const { state: tried, effects } = run(state, press("E"));
    expect(effects).toEqual([]);
    expect(shown(tried)).toContain(`--lane ${lane} is not left for another one`);
  });

  test.each<Lane>(["normal", "walsender", "host"])("by the %s lane", async (lane) => {
    const closed = lane === "normal" ? [] : [{ lane: "normal", why: FULL, forWantOfSlot: true } as const];
    const { state } = run(
      aState({ width: 100, height: 30 }),
      seen(by(lane, backends(3))),
      entry({ closed }),
      press("e"),
    );
    await expect(shown(state)).toMatchFileSnapshot(`frames/entry-${lane}.txt`);
  });
});
