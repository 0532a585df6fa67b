import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/model/backend.ts";
import type { Action } from "../../src/model/action.ts";
import { parseFilter } from "../../src/state/filter.ts";
import { standing } from "../../src/state/standing.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServer } from "./builders.ts";

type ServerGiven = Parameters<typeof aServer>[0];

function whatIs(backend: Backend, action: Action, server: ServerGiven = {}, others: readonly Backend[] = []) {
  return standing(backend, action, aSample({ server: aServer(server), backends: [backend, ...others] }), []);
}

function whyNot(backend: Backend, action: Action, server: ServerGiven = {}): string {
  const is = whatIs(backend, action, server);
  return is.kind === "impossible" ? is.why : `possible: ${is.kind}`;
}

describe("a cancel is honest", () => {
  test.each([
    ["idle", "100 is idle: no query runs that a cancel could end; x terminates it"],
    ["idle in transaction", "100 is idle in transaction: no query runs that a cancel could end; x terminates it"],
    [
      "idle in transaction (aborted)",
      "100 has failed already and runs nothing: a cancel would do nothing; x terminates it",
    ],
    ["starting", "100 is still starting: no query runs that a cancel could end; x terminates it"],
  ])("with nothing to do for a session that is %s", (state, why) => {
    expect(whyNot(aBackend({ state }), "cancel")).toBe(why);
    expect(whatIs(aBackend({ state }), "terminate")).toEqual({ kind: "free" });
  });

  test.each(["active", "fastpath function call", "disabled"])("and possible for one that is %s", (state) => {
    expect(whatIs(aBackend({ state }), "cancel")).toEqual({ kind: "free" });
  });
});

describe("who is never ended", () => {
  test("we ourselves", () => {
    expect(whyNot(aBackend({ pid: 99 }), "terminate")).toBe("99 is our own session: q quits");
  });

  test("who is hidden from our role, since nobody knows who it is", () => {
    expect(whyNot(aHiddenBackend(), "terminate")).toBe(
      "100 is hidden from our role: GRANT pg_monitor TO monitor first",
    );
  });

  test("a process of the server's own", () => {
    const why = whyNot(anAuxiliary("checkpointer", 7), "terminate", { superuser: true });
    expect(why).toBe("7 is the server's own checkpointer: it is not ended from here");
  });

  test("a parallel worker: its leader is asked for instead, or nobody when it is not told", () => {
    const worker = aBackend({ pid: 8, backendType: "parallel worker", leaderPid: 100, state: "active" });
    const leader = aBackend({ state: "active" });
    expect(whatIs(worker, "cancel", {}, [leader])).toEqual({ kind: "redirect", leader });
    expect(whyNot({ ...worker, leaderPid: null }, "cancel")).toMatch(
      /^8 is a parallel worker, and which session leads it/,
    );
  });
});

describe("rights are looked at before", () => {
  const none = { signal: false };

  test("without pg_signal_backend the key says what to grant", () => {
    const why = "no right to terminate sessions of app: GRANT pg_signal_backend TO monitor";
    expect(whyNot(aBackend({ user: "app" }), "terminate", none)).toBe(why);
    expect(whyNot(aBackend({ user: "app" }), "terminate", { ...none, user: "On Call" })).toContain('TO "On Call"');
  });

  test("sessions of our own role, and of roles whose privileges we have, are ours to end", () => {
    const server = { ...none, roles: ["monitor", "app"] };
    expect(whatIs(aBackend({ user: "app" }), "terminate", server)).toEqual({ kind: "free" });
  });

  test("a superuser's session is for superusers", () => {
    expect(whyNot(aBackend({ user: "postgres" }), "terminate")).toBe(
      "postgres is a superuser: only a superuser may terminate its sessions",
    );
  });

  test("autovacuum is for superusers, and from 18 on for who is granted it", () => {
    const worker = aBackend({ backendType: "autovacuum worker", user: null, state: "active" });
    expect(whyNot(worker, "cancel", { major: 17 })).toBe("only a superuser may cancel autovacuum");
    expect(whyNot(worker, "cancel")).toBe(
      "no right to cancel autovacuum: GRANT pg_signal_autovacuum_worker TO monitor",
    );
    expect(whatIs(worker, "cancel", { signalAutovacuum: true }).kind).toBe("protected");
  });
});

describe("who is protected", () => {
  const protection = (backend: Backend, server: ServerGiven = { superuser: true }, action: Action = "terminate") => {
    const is = whatIs(backend, action, server);
    return is.kind === "protected" ? `${is.protection.kind}: ${is.protection.why}` : is.kind;
  };

  test("a walsender, and a cancel does nothing to it", () => {
    const walsender = aBackend({
      backendType: "walsender",
      database: null,
      application: "standby1",
      state: "active",
      query: 'START_REPLICATION SLOT "s" 0/3000000 TIMELINE 1',
    });
    expect(protection(walsender)).toMatch(/^walsender: A walsender: standby1 streams from it/);
    expect(whyNot(walsender, "cancel", { superuser: true })).toMatch(
      /streams: it pays no heed to a cancel; x terminates it$/,
    );
    // One that runs SQL, as a table sync does, is ended by a cancel like any other query.
    expect(protection({ ...walsender, query: "COPY t TO STDOUT" }, { superuser: true }, "cancel")).toMatch(
      /^walsender/,
    );
  });

  test("autovacuum, wraparound by name", () => {
    const worker = { backendType: "autovacuum worker", user: null, state: "active" };
    expect(protection(aBackend({ ...worker, query: "autovacuum: VACUUM public.t" }))).toMatch(
      /^autovacuum: An autovac/,
    );
    const urgent = aBackend({ ...worker, query: "autovacuum: VACUUM public.t (to prevent wraparound)" });
    expect(protection(urgent)).toMatch(/^autovacuum: Autovacuum to prevent wraparound: it comes back at once/);
  });

  test("a background worker, which on 10 may be a parallel worker", () => {
    const worker = aBackend({ backendType: "background worker", state: "active", user: null });
    expect(protection(worker, { superuser: true, major: 10 })).toMatch(/may be a parallel worker of a query/);
    expect(protection({ ...worker, backendType: "logical replication worker" })).toMatch(
      /^background worker: A background worker \(logical replication worker\)/,
    );
  });

  test("on 10 a background worker that runs the query of a session is taken for its parallel worker", () => {
    const leader = aBackend({ pid: 5, state: "active", query: "SELECT count(*) FROM t" });
    const worker = { ...aBackend({ pid: 6, state: "active", query: leader.query }), backendType: "background worker" };
    const is = whatIs(worker, "terminate", { superuser: true, major: 10 }, [leader]);
    expect(is).toMatchObject({
      kind: "impossible",
      short: "parallel worker",
      why: expect.stringMatching(/^6 is perhaps .* of 5,/),
    });
  });

  test("a superuser's session", () => {
    expect(protection(aBackend({ user: "postgres" }))).toMatch(/^superuser: A session of superuser postgres/);
  });

  test("whom --protect names", () => {
    const sample = aSample({ backends: [] });
    const is = standing(aBackend({ user: "etl" }), "terminate", sample, [parseFilter("user:etl")]);
    expect(is).toMatchObject({ kind: "protected", protection: { kind: "asked for" } });
    expect(standing(aBackend({ user: "app" }), "terminate", sample, [parseFilter("user:etl")]).kind).toBe("free");
  });
});

describe("on the server's own machine, without SQL", () => {
  const postmaster = {
    pid: 42,
    osUser: "postgres",
    dataDirectory: null,
    limitsFrom: null,
    limitsDoubt: null,
    refuses: null,
    tellsActivity: true,
  };
  const host = { lane: "host", ownPid: null, roles: [], postmaster } as const;
  const stranger = { ...host, signal: false };
  const halfOpen = aBackend({ backendType: "half-open", state: "starting", user: null, database: null, query: "" });

  test("the operating system says who may, so nothing is to be granted", () => {
    const why = "only root and postgres may terminate it from here: sudo -u postgres pgtriage --lane host";
    expect(whyNot(aBackend(), "terminate", stranger)).toBe(why);
    expect(whyNot(aBackend({ user: "postgres" }), "terminate", stranger)).toBe(why);
    expect(whyNot(halfOpen, "terminate", stranger)).toBe(why);
    expect(whatIs(aBackend(), "terminate", host)).toEqual({ kind: "free" });
  });

  test("who is a superuser is a guess, and said to be one", () => {
    const is = whatIs(aBackend({ user: "postgres" }), "terminate", host);
    expect(is).toMatchObject({ kind: "protected", protection: { kind: "superuser" } });
    expect(is.kind === "protected" && is.protection.why).toMatch(/^A session of postgres, probably a superuser: /);
  });

  test("a connection that has not said who it is can be ended, and runs no query", () => {
    expect(whatIs(halfOpen, "terminate", host)).toEqual({ kind: "free" });
    expect(whyNot(halfOpen, "cancel", host)).toBe(
      "100 has not said yet who it is: no query runs that a cancel could end; x terminates it",
    );
  });

  test("where titles do not tell what runs, a cancel has no aim", () => {
    expect(whyNot(aBackend({ state: null, query: "" }), "cancel", host)).toMatch(/^100 does not tell what it does: /);
    expect(whatIs(aBackend({ state: null, query: "" }), "terminate", host)).toEqual({ kind: "free" });
  });

  test("nobody is ended whose title is not understood, nor a worker whose database is not told", () => {
    expect(whyNot(aHiddenBackend(), "terminate", host)).toMatch(/^100 has a title that cannot be understood/);
    const worker = aBackend({ backendType: "pg_cron launcher", user: null, database: null, state: null });
    expect(whyNot(worker, "terminate", host)).toMatch(/^100 is the server's own pg_cron launcher/);
  });

  test("a walsender streams, whoever it streams to has no name here", () => {
    const walsender = { backendType: "walsender", database: null, application: null, state: "active" };
    const streaming = aBackend({ ...walsender, query: "streaming 0/3000060" });
    expect(whyNot(streaming, "cancel", host)).toMatch(/^100 is a walsender that streams/);
    const is = whatIs(streaming, "terminate", host);
    expect(is.kind === "protected" && is.protection.why).toMatch(/^A walsender: whoever follows this server streams/);
  });
});
