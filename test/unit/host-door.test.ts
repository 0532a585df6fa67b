import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { phrase, type Action, type Order, type Verdict } from "../../src/model/action.ts";
import { backendKey, type Backend } from "../../src/model/backend.ts";
import type { Look } from "../../src/source/host/children.ts";
import { NotSentError } from "../../src/source/not-sent-error.ts";
import { signalFromHost, type Door } from "../../src/source/host/signal.ts";
import { HALF_OPEN } from "../../src/source/host/title.ts";
import { aBackend } from "./builders.ts";

const POSTMASTER = 900;
const NOW = 1_795_339_211;
const kill = vi.spyOn(process, "kill");

beforeEach(() => void kill.mockReset().mockReturnValue(true));
afterEach(() => void kill.mockReset());

/** A session of the host lane as it was shown: its process is 4100 and began at tick 81234. */
function target(given: Partial<Backend> = {}): Backend {
  const { pid = 4100, backendStart = "proc 81234", ...fields } = given;
  const at = { application: null, queryAge: null, xactAge: null, stateAge: null, query: "" };
  return {
    ...aBackend({ ...at, user: "app", state: "idle in transaction", ...fields }),
    ...{ pid, backendStart, key: backendKey(pid, backendStart) },
    stateChangeSeconds: given.stateChangeSeconds ?? null,
  };
}

interface Now {
  readonly stat?: Partial<Look["stat"]>;
  readonly title?: Partial<NonNullable<Look["title"]>> | null;
  readonly counters?: string | null;
  readonly connected?: boolean;
  /** How the last sample has seen it, where that is not as it was shown. */
  readonly seen?: { readonly row?: Partial<Backend>; readonly counters?: string | null } | null;
  readonly door?: Partial<Door>;
}

/** The door before that process as it is now; what is not said is as it was shown. */
function door(shown: Backend, { stat, title, counters = "7 0 3", connected = true, seen = {}, door }: Now = {}): Door {
  const { backendType, user, database, state, query, stateChangeSeconds } = shown;
  const told = { ...HALF_OPEN, backendType, user, database, state, query, ...title };
  const look: Look = {
    stat: {
      pid: shown.pid,
      parent: POSTMASTER,
      program: "postgres",
      zombie: false,
      startTicks: 81_234,
      cpuTicks: 7,
      titleBytes: null,
      ...stat,
    },
    title: title === null ? null : told,
    counters,
    connected,
  };
  const row = { ...shown, stateChangeSeconds, ...seen?.row };
  const last = { backend: row, startTicks: 81_234, counters: "7 0 3", titleText: "", title: told, ...seen };
  return {
    postmasterPid: POSTMASTER,
    postmasterLives: () => true,
    look: (pid) => (pid === shown.pid ? look : null),
    seen: (pid) => (pid === shown.pid && seen !== null ? last : undefined),
    superusers: ["postgres"],
    nowSeconds: () => NOW,
    startedSeconds: () => NOW - 60,
    ...door,
  };
}

function order(action: Action, targets: readonly Backend[], given: Partial<Order> = {}): Order {
  return { id: 1, action, targets, typed: phrase(action, targets), at: 0, notAfterSeconds: NOW + 5, ...given };
}

function verdict(action: Action, shown: Backend, now: Now = {}, given: Partial<Order> = {}): Verdict {
  return signalFromHost(order(action, [shown], given), door(shown, now)).answers[0]!.verdict;
}

const RUNS = target({ state: "active", query: "SELECT …" });
const FLOOD = target({ backendType: "half-open", user: null, database: null, state: "starting" });

describe("a signal is sent", () => {
  test.each<[string, Action, Backend, string]>([
    ["to a transaction that rests", "terminate", target(), "SIGTERM"],
    ["to a session that works", "terminate", RUNS, "SIGTERM"],
    ["to a query", "cancel", RUNS, "SIGINT"],
    ["to a connection that says nothing", "terminate", FLOOD, "SIGTERM"],
    ["to a walsender", "terminate", target({ backendType: "walsender", state: "active" }), "SIGTERM"],
  ])("%s", (_, action, shown, signal) => {
    expect(verdict(action, shown)).toBe("sent");
    expect(kill.mock.calls).toEqual([[4100, signal]]);
  });
});

describe("nothing is sent", () => {
  test.each<[string, Action, Backend, Now, Verdict]>([
    ["to a process that has gone", "terminate", target(), { door: { look: () => null } }, "gone"],
    ["to one that has ended unburied", "terminate", target(), { stat: { zombie: true } }, "gone"],
    ["to another start of that pid", "terminate", target(), { stat: { startTicks: 81_235 } }, "reused"],
    ["to a child of somebody else", "terminate", target(), { stat: { parent: 1 } }, "protected"],
    ["to the postmaster", "terminate", target({ pid: POSTMASTER }), {}, "protected"],
    ["to ourselves", "terminate", target({ pid: process.pid }), {}, "protected"],
    ["to process 1", "terminate", target({ pid: 1 }), {}, "protected"],
    ["to a group of processes", "terminate", target({ pid: -4100 }), {}, "protected"],
    ["to half a pid", "terminate", target({ pid: 4100.5 }), {}, "protected"],
    ["to a title that cannot be read", "terminate", target(), { title: null }, "hidden"],
    ["to another kind", "terminate", target(), { title: { backendType: "walsender" } }, "changed"],
    ["to the server's own", "terminate", target({ backendType: "checkpointer", state: null }), {}, "protected"],
    ["to a parallel worker", "terminate", target({ backendType: "parallel worker" }), {}, "protected"],
    ["to who is not understood", "terminate", target({ backendType: null }), {}, "protected"],
    ["to who does something else", "terminate", target(), { title: { state: "active" } }, "changed"],
    ["to who has run since the sample", "terminate", target(), { counters: "8 0 4" }, "changed"],
    ["where nobody tells who has run", "terminate", target(), { counters: null, seen: { counters: null } }, "changed"],
    [
      "to who has run before the sample",
      "terminate",
      target(),
      { seen: { row: { stateChangeSeconds: 9 } } },
      "changed",
    ],
    ["to who is not in the sample", "terminate", target(), { seen: null }, "changed"],
    [
      "to another of the sample",
      "terminate",
      target(),
      { seen: { row: { key: backendKey(4100, "proc 5") } } },
      "changed",
    ],
    ["to another command", "cancel", RUNS, { title: { query: "UPDATE …" } }, "changed"],
    ["to a query that ended meanwhile", "cancel", RUNS, { title: { state: "idle" } }, "changed"],
    ["to the next query of that name", "cancel", RUNS, { seen: { row: { stateChangeSeconds: 9 } } }, "changed"],
    ["by a cancel where no query runs", "cancel", target({ state: "idle" }), {}, "changed"],
    ["by a cancel where nobody tells what runs", "cancel", target({ state: null }), {}, "changed"],
    ["by a cancel to who is half open", "cancel", FLOOD, {}, "changed"],
    ["to one that has just begun", "terminate", FLOOD, { door: { startedSeconds: () => NOW - 0.9 } }, "changed"],
    ["to a half-open one without a connection", "terminate", FLOOD, { connected: false }, "protected"],
    ["when it is late", "terminate", target(), { door: { nowSeconds: () => NOW + 5.1 } }, "late"],
    ["when nobody knows the time", "terminate", target(), { door: { nowSeconds: () => Number.NaN } }, "late"],
  ])("%s", (_, action, shown, now, expected) => {
    expect(verdict(action, shown, now)).toBe(expected);
    expect(kill).not.toHaveBeenCalled();
  });

  test.each<[string, Now, Partial<Order>]>([
    ["without the phrase", {}, { typed: "terminate 4101" }],
    ["of another action", {}, { typed: "cancel 4100" }],
    ["to nobody", {}, { targets: [], typed: "terminate all 0" }],
    ["of a server that has ended", { door: { postmasterLives: () => false } }, {}],
  ])("%s", (_, now, given) => {
    expect(() => verdict("terminate", target(), now, given)).toThrow(NotSentError);
    expect(kill).not.toHaveBeenCalled();
  });

  test("to a target that was shown by SQL", () => {
    const shown = target({ backendStart: "2026-11-22 09:20:11.123456+00" });
    expect(() => verdict("terminate", shown)).toThrow(NotSentError);
    expect(kill).not.toHaveBeenCalled();
  });
});

describe("of several, one by one, and only who may be ended together", () => {
  test.each<[string, Backend, Now, Verdict]>([
    ["a session", target(), {}, "sent"],
    ["a half-open one", FLOOD, {}, "sent"],
    ["a walsender", target({ backendType: "walsender" }), {}, "protected"],
    ["autovacuum", target({ backendType: "autovacuum worker", state: "active" }), {}, "protected"],
    ["a superuser", target({ user: "postgres" }), {}, "protected"],
    ["who was shown as a superuser", target({ user: "postgres" }), { title: { user: "app" } }, "protected"],
    ["who is one by now", target(), { title: { user: "postgres" } }, "protected"],
    ["who is nobody", target({ user: null }), {}, "protected"],
  ])("%s", (_, shown, now, expected) => {
    const gone = target({ pid: 4200 });
    const { answers } = signalFromHost(order("terminate", [gone, shown]), door(shown, now));
    expect(answers.map(({ verdict }) => verdict)).toEqual(["gone", expected]);
    expect(kill.mock.calls).toEqual(expected === "sent" ? [[4100, "SIGTERM"]] : []);
  });
});

test("what the kernel says of a signal is what is said", () => {
  for (const [code, expected] of [
    ["EPERM", "refused"],
    ["ESRCH", "gone"],
  ] as const) {
    kill.mockImplementation(() => {
      throw Object.assign(new Error(code), { code });
    });
    expect(verdict("terminate", target())).toBe(expected);
  }
});
