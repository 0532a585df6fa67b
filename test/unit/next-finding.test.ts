import { describe, expect, test } from "vitest";
import { currentFindings, shownFinding } from "../../src/state/current-findings.ts";
import {
  aBackend,
  anOutcome,
  anOrder,
  aSample,
  aServer,
  aState,
  aWaiter,
  backends,
  listed,
  NOW,
  pidSelected,
  press,
  run,
  seen,
  shown,
  type,
} from "./builders.ts";

const BY_PID = { sort: { column: "pid", descending: false } } as const;
const abandoned = (pid: number) =>
  aBackend({
    pid,
    state: "idle in transaction",
    xactAge: 900,
    stateAge: 900,
    backendXid: 7,
    application: `job-${pid}`,
  });
/** Six wait behind 1; two old transactions stand in nobody's way. */
const TWO_FINDINGS = listed(
  aBackend({ pid: 1, state: "idle in transaction", xactAge: 90, stateAge: 90 }),
  ...[2, 3, 4, 5, 6, 7].map((pid) => aWaiter(pid, [1])),
  abandoned(30),
  abandoned(31),
);

describe("n", () => {
  test("goes from finding to finding and through the sessions of each, worst first, round and round", () => {
    const start = run(aState(BY_PID), TWO_FINDINGS).state;
    const ids = currentFindings(start).map(({ id }) => id);
    expect(ids[0]).toBe("lock-pile-up");
    let state = start;
    const visited: (number | null)[] = [];
    for (let i = 0; i < 8; i++) {
      state = run(state, press("n")).state;
      visited.push(pidSelected(state));
    }
    expect(visited[0]).toBe(1);
    expect(visited).toContain(30);
    expect(visited).toContain(31);
    expect(visited.lastIndexOf(1)).toBeGreaterThan(0);
  });

  test("says which one of how many it is, and what", () => {
    const { state } = run(aState(BY_PID), TWO_FINDINGS, press("n"));
    const all = currentFindings(state);
    expect(state.notice?.text).toBe(`1 of ${all.length}: ${all[0]!.title}`);
  });

  test("says when nothing stands out, and what cannot be seen", () => {
    const idle = listed(aBackend({ pid: 1 }), aBackend({ pid: 2 }));
    expect(run(aState(), idle, press("n")).state.notice?.text).toBe("nothing stands out");
  });

  test("says no more than is known: before the first sample, without SQL, and where sessions are hidden", () => {
    const host = aServer({ lane: "host", ownPid: null, database: null, tuning: null });
    const processes = seen(aSample({ server: host, holdouts: null, nextXid: null, backends: backends(2) }));
    const start = aState({ width: 120, height: 40 });
    expect(run(start, press("n")).state.notice?.text).toBe("nothing has been read yet");
    expect(run(start, processes, press("n")).state.notice?.text).toBe("nothing stands out in what the processes tell");
    expect(shown(run(start, press("v")).state)).not.toContain("nothing stands out");
    expect(shown(run(start, processes, press("v")).state)).toContain("nothing stands out in what the processes tell");
  });

  test("goes on to what is worth a look and is no finding", () => {
    const two = listed(aBackend({ pid: 1 }), aWaiter(2, [1]), ...backends(2));
    const { state } = run(aState(BY_PID), two, press("G", "n"));
    expect([pidSelected(state), state.notice?.text]).toEqual([1, "worth a look: 1 blocks 1 session"]);
  });

  test("names a finding whose sessions the filter keeps off the list, and leaves the cursor", () => {
    const start = run(aState(BY_PID), TWO_FINDINGS, press("/"), type("pid:3"), press("enter")).state;
    const { state } = run(start, press("n"));
    expect(pidSelected(state)).toBe(3);
    expect(state.notice?.text).toMatch(/^1 of /);
  });

  test("in the blocking tree it goes to the session there", () => {
    const { state } = run(aState(BY_PID), TWO_FINDINGS, press("2", "G", "n"));
    expect(state.view.places.blocking?.index).toBe(0);
  });
});

describe("the page of findings", () => {
  test("begins with the worst, and n and the arrows go through all of them", () => {
    const start = run(aState(BY_PID), TWO_FINDINGS, press("v")).state;
    const all = currentFindings(start);
    expect(shownFinding(start)).toBe(all[0]);
    const second = run(start, press("n")).state;
    expect(shownFinding(second)).toBe(all[1]);
    expect(shownFinding(run(second, press("left")).state)).toBe(all[0]);
    expect(shownFinding(run(start, press("left")).state)).toBe(all.at(-1));
  });

  test("stays on the chosen one as long as it lasts, then goes to the worst", () => {
    const second = run(aState(BY_PID), TWO_FINDINGS, press("v", "n")).state;
    const chosen = shownFinding(second)!;
    const again = run(second, TWO_FINDINGS).state;
    expect(shownFinding(again)?.id).toBe(chosen.id);
    const over = run(again, listed(...backends(3))).state;
    expect(shownFinding(over)).toBeNull();
    expect(shown(over)).toContain("nothing stands out");
  });

  test("shows evidence, steps with their SQL, and what not to do; y copies the SQL, a statement at a time", () => {
    const { state, effects } = run(aState({ ...BY_PID, width: 120, height: 60 }), TWO_FINDINGS, press("v", "y", "y"));
    const text = shown(state);
    for (const words of ["What it rests on", "What to do, in this order", "Take care", "pg_terminate_backend"])
      expect(text).toContain(words);
    // One by one: together they would all run, those for a case that has to be looked into first among them.
    const copied = effects.flatMap((effect) => (effect.kind === "copy" ? [effect.text] : []));
    expect(copied).toEqual(
      currentFindings(state)[0]!
        .next.flatMap(({ sql }) => sql ?? [])
        .slice(0, 2),
    );
    expect(state.notice?.text).toMatch(/^statement 2 of \d copied/);
    expect(state.dialog).toBeNull();
  });

  test("v closes it, and Esc leads back to where it was opened", () => {
    expect(run(aState(BY_PID), TWO_FINDINGS, press("v", "v")).state.view.page).toBe("sessions");
    expect(run(aState(BY_PID), TWO_FINDINGS, press("enter", "v", "escape")).state.view.page).toBe("detail");
    expect(run(aState(BY_PID), TWO_FINDINGS, press("3", "v", "escape")).state.view).toMatchObject({ tab: "holders" });
  });
});

describe("the verdict line", () => {
  const verdict = (state: ReturnType<typeof aState>): string => shown(state).split("\n")[3]!;

  test("is the worst finding, and how many more there are", () => {
    const { state } = run(aState({ ...BY_PID, width: 120, height: 24 }), TWO_FINDINGS);
    expect(verdict(state)).toContain(`▲ ${currentFindings(state)[0]!.title}`);
    const serious = currentFindings(state).filter(({ severity }) => severity !== "info").length;
    expect(serious).toBeGreaterThan(1);
    expect(verdict(state).trimEnd()).toMatch(new RegExp(`\\+${serious - 1} more, v why$`));
  });

  test("does not trouble anybody with notes", () => {
    const off = aServer({ tuning: null });
    const { state } = run(aState(), seen(aSample({ server: off, backends: backends(3) })));
    expect(verdict(state).trim()).toMatch(/^nothing stands out/);
  });

  test("in the host lane nothing more is said than that", () => {
    const server = aServer({ lane: "host", ownPid: null, database: null, tuning: null });
    const { state } = run(aState(), seen(aSample({ server, holdouts: null, nextXid: null, backends: backends(2) })));
    expect(verdict(state)).toContain("nothing stands out in what the processes tell");
  });

  test("tells of sessions that came back after they were ended", () => {
    const sample = aSample({ secondsLater: 10, backends: backends(8) });
    const before = run(aState(), seen(aSample({ backends: backends(8) }))).state;
    const returned = { user: "app", database: "shop", application: "web", client: "10.0.3.17" };
    const outcome = anOutcome({
      order: anOrder({ targets: backends(6) }),
      phase: "over",
      answeredAt: NOW + 1000,
      returned: [{ ...returned, ended: 6, came: 6, firstSeconds: 0.04 }],
    });
    const { state } = run({ ...before, outcomes: [outcome] }, seen(sample));
    expect(currentFindings(state).map(({ id }) => id)).toContain("reconnect-storm");
  });
});
