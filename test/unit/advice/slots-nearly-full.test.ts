import { describe, expect, test } from "vitest";
import type { Postmaster } from "../../../src/model/server.ts";
import { aBackend, aHiddenBackend, aSample, aServer, backends } from "../builders.ts";
import { said, titles, titlesAmong } from "./context.ts";

const ID = "slots-nearly-full";

describe("of 94 app slots", () => {
  test.each([
    [75, null, null],
    [76, "warning", "76 of 94 app slots are used, all by web: 18 left for ordinary roles"],
    [89, "warning", "89 of 94 app slots are used, all by web: 5 left for ordinary roles"],
    [90, "critical", "90 of 94 app slots are used, all by web: 4 left for ordinary roles"],
    [94, "critical", "all 94 app slots are used, all by web: ordinary roles are refused"],
    [97, "critical", "all 94 app slots are used, all by web: ordinary roles are refused"],
  ])("%i used: %s", (used, severity, title) => {
    const [found] = said(ID, aSample({ backends: backends(used) }));
    expect(found?.severity ?? null).toBe(severity);
    expect(found?.title ?? null).toBe(title);
  });
});

test("who has most of them is named, where that is a good part of them", () => {
  const title = (leaky: number) => {
    const others = Array.from({ length: 94 - leaky }, (_, i) =>
      aBackend({ pid: 3000 + i, application: `web-${Math.trunc(i / 4)}` }),
    );
    return said(ID, aSample({ backends: [...backends(leaky, { application: "leaky-worker" }), ...others] }))[0]!.title;
  };
  expect(title(50)).toBe("all 94 app slots are used, 50 by leaky-worker: ordinary roles are refused");
  expect(title(20)).toBe("all 94 app slots are used: ordinary roles are refused");
});

test("thresholds of one's own", () => {
  const sample = aSample({ backends: backends(48) });
  expect(said(ID, sample, { thresholds: { warn: 50, critical: 60 } })[0]?.severity).toBe("warning");
});

describe("who still gets in", () => {
  const evidence = (used: number, server = aServer()) =>
    said(ID, aSample({ backends: backends(used), server }))[0]!.evidence[1];

  test("as long as app slots are free, everybody", () => {
    expect(evidence(90)).toBe(
      "who still gets in: 4 of any role, 7 of members of pg_use_reserved_connections, 10 of superusers, 10 walsenders",
    );
  });

  test("then those who have a reserve", () => {
    expect(evidence(97)).toBe("who still gets in: 3 of superusers, 10 walsenders");
  });

  test("with every slot taken, a walsender; on 11 nobody", () => {
    expect(evidence(100)).toBe("who still gets in: 10 walsenders");
    expect(evidence(100, aServer({ major: 11 }))).toBe("who still gets in: nobody, as far as can be told");
  });
});

test("the culprits are idle sessions of whoever has most of them, the longest idle first", () => {
  const web = backends(60, { application: "web" }).map((backend, i) => ({ ...backend, stateChangeSeconds: 1000 - i }));
  const others = Array.from({ length: 30 }, (_, i) =>
    aBackend({ pid: 3000 + i, application: "api", stateAge: 90_000 }),
  );
  const [found] = said(ID, aSample({ backends: [...others, ...web] }));
  expect(found!.sessions.map(({ pid }) => pid)).toEqual([1059, 1058, 1057, 1056, 1055, 1054, 1053, 1052, 1051, 1050]);
  expect(found!.evidence).toContain("by application: web 60, api 30");
});

describe("sessions that are hidden from our role", () => {
  const seen = (shown: number, hidden: number) =>
    titlesAmong(ID, [
      ...backends(shown),
      ...Array.from({ length: hidden }, (_, i) => aHiddenBackend({ pid: 5000 + i })),
    ]);

  test("are no reason to be silent about what is sure, nor to claim more", () => {
    expect(seen(80, 12)).toEqual([
      "at least 80 of 94 app slots are used, 80 by web: at most 14 left for ordinary roles",
    ]);
    expect(seen(3, 90)).toEqual([]);
  });
});

describe("in the host lane", () => {
  const host = (given: Partial<Postmaster>, limits: Parameters<typeof aServer>[0] = {}) =>
    aServer({
      lane: "host",
      tuning: null,
      ...limits,
      postmaster: {
        pid: 1,
        osUser: "postgres",
        dataDirectory: null,
        limitsFrom: null,
        limitsDoubt: null,
        refuses: null,
        tellsActivity: true,
        ...given,
      },
    });

  test("what the server refuses is said, though the numbers do not show it", () => {
    const server = host({ refuses: "ordinary roles" });
    expect(titles(ID, aSample({ backends: backends(20), server }))).toEqual([
      "the server refuses ordinary roles for want of a slot, though no more than 20 sessions of 94 app slots are counted",
    ]);
  });

  test("unless half-open connections explain it", () => {
    const flood = backends(200, { backendType: "half-open" });
    expect(said(ID, aSample({ backends: flood, server: host({ refuses: "everybody" }) }))).toEqual([]);
  });

  test("limits that are not known are no reason for alarm", () => {
    const server = host({});
    const unknown = { ...server, settings: { ...server.settings, maxConnections: null } };
    expect(said(ID, aSample({ backends: backends(99), server: unknown }))).toEqual([]);
  });
});
