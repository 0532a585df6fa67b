import { describe, expect, test } from "vitest";
import { findings, RULES } from "../../../src/advice/index.ts";
import { statementsOf, type Context } from "../../../src/advice/rule.ts";
import { settingOf } from "../../../src/analysis/setting-read.ts";
import { slots } from "../../../src/analysis/slots.ts";
import { clean } from "../../../src/text/clean.ts";
import { textWidth } from "../../../src/text/width.ts";
import { anIncident, anIncidentSeenByAnyone } from "../incident.ts";
import { aGap, aSample, aServer, aSetting, backends } from "../builders.ts";
import { aContext, fired } from "./context.ts";
import { leaked, pileUp, QUIET, SCENARIOS } from "./scenarios.ts";

const all = (context: Context) => findings(context);

test("there is a scenario for every rule", () => {
  expect(Object.keys(SCENARIOS).sort()).toEqual(RULES.map(({ id }) => id).sort());
});

describe("each trouble is told by its own rule and by no other", () => {
  test.each(Object.entries(SCENARIOS))("%s", (id, context) => {
    expect(fired(context)).toEqual([id]);
  });

  test("and none where all is well", () => {
    expect(fired(QUIET)).toEqual([]);
  });
});

/** Told by a setting, and not by numbers. */
const IS_OFF: ReadonlySet<string> = new Set(["no-safety-timeouts", "durability-off"]);

describe("whatever is found", () => {
  const everything = [...Object.values(SCENARIOS), aContext(anIncident(3))].flatMap(all);

  test.each(everything.map((finding) => [finding.title, finding] as const))("%s", (title, finding) => {
    expect(textWidth(clean(title))).toBeLessThanOrEqual(110);
    expect(title).not.toMatch(/\.$|undefined|null|NaN/);
    expect(title).toMatch(IS_OFF.has(finding.id) ? / is off(?:$|:)/ : /\d/);
    expect(finding.evidence.length).toBeGreaterThanOrEqual(2);
    expect(finding.evidence.length).toBeLessThanOrEqual(6);
    expect(finding.next.length).toBeGreaterThanOrEqual(1);
    expect(finding.avoid.length).toBeLessThanOrEqual(3);
    expect(finding.sessions.length).toBeLessThanOrEqual(10);
    const words = [...finding.evidence, ...finding.avoid, ...finding.next.map(({ text }) => text)];
    for (const one of words) expect(one).not.toMatch(/\.$|undefined|\bnull\b|NaN|\[object/);
    for (const { sql } of finding.next) if (sql !== undefined) expect(sql).toMatch(/;$/);
  });
});

describe("the most urgent comes first", () => {
  test("a leak that has taken the slots before their being taken, which follows from it", () => {
    expect(fired(aContext(aSample({ backends: [...backends(20), ...leaked(74, 15)] })))).toEqual([
      "leak",
      "slots-nearly-full",
    ]);
  });

  test("those behind a lock before the slots that they fill", () => {
    const sample = aSample({ backends: [...pileUp(20), ...backends(72)] });
    expect(slots(sample).level).toBe("critical");
    expect(fired(aContext(sample))).toEqual(["lock-pile-up", "slots-nearly-full"]);
  });

  test("what is critical before what is not, whatever the rule", () => {
    const server = aServer({ databaseAges: [{ name: "shop", xids: 1.3e9, multixacts: 1 }] });
    const found = all(aContext(aSample({ backends: [...backends(10), ...leaked(30, 15)], server })));
    expect(found.map(({ id, severity }) => [id, severity])).toEqual([
      ["wraparound", "critical"],
      ["leak", "warning"],
    ]);
  });

  test("in the incident of the frames: the forgotten transaction, then the slots", () => {
    const [first, second] = all(aContext([0, 1, 2, 3].map(anIncident)));
    expect(first).toMatchObject({ id: "lock-pile-up", sessions: [{ pid: 30_412 }] });
    expect(first!.title).toBe("9 sessions wait behind 30412 (web-7), idle in transaction for 14m02");
    expect(second).toMatchObject({ id: "slots-nearly-full", severity: "critical" });
  });
});

test("to a role that sees nothing of others, no more is said than it can know", () => {
  const context = aContext(anIncidentSeenByAnyone());
  expect(fired(context)).toEqual(["hidden-backends"]);
});

test("what writes is for the primary, where a standby is watched", () => {
  const sample = aSample({ backends: pileUp(0), server: aServer({ role: "standby" }) });
  const steps = all(aContext(sample)).flatMap(({ next }) => next);
  const alter = steps.find(({ sql }) => sql?.startsWith("ALTER ROLE"));
  expect(alter?.text).toMatch(/^on the primary: /);
  expect(steps.find(({ sql }) => sql?.includes("pg_terminate_backend"))?.text).not.toMatch(/primary/);
});

/** Settings that ALTER SYSTEM is advised for. */
const altered = (context: Context): string[] =>
  all(context)
    .flatMap(({ next }) => next.flatMap(statementsOf))
    .flatMap((sql) => /^ALTER SYSTEM SET (\w+)/.exec(sql)?.[1] ?? []);

test.each(Object.keys(SCENARIOS))("%s advises no ALTER SYSTEM for what stands on the command line", (id) => {
  const { sample, ...rest } = SCENARIOS[id]!;
  const { tuning } = sample.server;
  const names = new Set(altered(SCENARIOS[id]!));
  if (tuning === null || names.size === 0) return;
  const known = tuning.settings.filter(({ name }) => !names.has(name));
  const fixed = [...names].map((name) => ({
    ...(settingOf(tuning, name) ?? aSetting(name, "1", { context: "sighup" })),
    source: "command line",
  }));
  const server = { ...sample.server, tuning: { ...tuning, settings: [...known, ...fixed] } };
  expect(altered({ ...rest, sample: { ...sample, server } }).filter((name) => names.has(name))).toEqual([]);
});

test.each(Object.keys(SCENARIOS))("%s gives one statement at a time", (id) => {
  for (const { next } of all(SCENARIOS[id]!))
    for (const sql of next.flatMap(statementsOf)) expect(sql).not.toMatch(/;\s*\S/);
});

test("the same question of the same sample is answered once", () => {
  const context = aContext(anIncident());
  expect(findings({ ...context })).toBe(findings({ ...context }));
});

test("gaps in the history are no samples", () => {
  const sample = aSample({ backends: leaked(40, 15) });
  const { history, ...context } = aContext(sample);
  const entries = [{ reading: aGap("", -60), tally: null, freshRows: 0, ownBytes: 0 }, ...history.entries];
  expect(all({ ...context, history: { ...history, entries } }).map(({ id }) => id)).toEqual(["leak"]);
});

test("names and texts of strangers do not break a statement", () => {
  const [found] = all(aContext(aSample({ backends: pileUp(0, { user: 'a"; DROP ROLE b; --' }) })));
  expect(found!.next.find(({ sql }) => sql?.startsWith("ALTER ROLE"))?.sql).toBe(
    `ALTER ROLE "a""; DROP ROLE b; --" SET idle_in_transaction_session_timeout = '5min';`,
  );
});

test("a session is ended by its pid and its start", () => {
  const backends = pileUp(0, { backendStart: "2026-11-22 13:21:11.123456+00" });
  expect(all(aContext(aSample({ backends })))[0]?.next[0]?.sql).toBe(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = 30412 AND backend_start = '2026-11-22 13:21:11.123456+00';",
  );
});
