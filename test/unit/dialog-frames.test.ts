import { describe, expect, test } from "vitest";
import type { Holdings } from "../../src/model/action.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Dialog } from "../../src/state/dialog.ts";
import type { Outcome } from "../../src/state/outcome.ts";
import { moment, withView, type State } from "../../src/state/state.ts";
import { aBackend, aDialog, anOrder, anOutcome, aSample, aState, aWaiter, NOW, run, seen, shown } from "./builders.ts";
import { duringAnIncident } from "./incident.ts";

// The questions and results, laid over the incident of all frames; see frames.test.ts.
const SIZES = [
  [200, 60],
  [120, 40],
  [80, 24],
  [60, 12],
  [40, 10],
] as const;

describe.each(SIZES)("at %ix%i", (width, height) => {
  const incident = duringAnIncident({ width, height });
  const known = (pid: number): Backend => moment(incident)!.sample.backends.find((backend) => backend.pid === pid)!;
  const frame = (name: string) => `frames/dialog/${name}-${width}x${height}.txt`;
  const asked = (dialog: Partial<Dialog>): State => ({ ...incident, dialog: aDialog(dialog) });

  test.each<[string, Partial<Dialog>]>([
    [
      "terminate-the-root-blocker",
      { targets: [known(30_412)], typed: "terminate 30", holdings: holdingsOf(known(30_412)) },
    ],
    ["phrase-mistyped", { targets: [known(30_412)], typed: "terminate 30421", said: MISTYPED }],
    [
      "twelve-of-seventeen",
      {
        targets: [known(30_412), ...Array.from({ length: 8 }, (_, i) => known(30_519 + i)), ...RESTING.map(known)],
        leftOut: LEFT_OUT,
        changes: new Map([
          [known(30_522).key, { kind: "ended" }],
          [known(30_010).key, { kind: "went-on", state: "active", what: "state" }],
        ]),
      },
    ],
    ["walsender-to-be-unlocked", { targets: [WALSENDER], step: "unlock", protection: PROTECTION, typed: "unlock" }],
    ["void", { targets: [known(30_412)], typed: "terminate 30412", voided: VOIDED }],
  ])("%s", async (name, dialog) => {
    await expect(shown(asked(dialog))).toMatchFileSnapshot(frame(name));
  });

  test("cancel-waiting-ddl", async () => {
    const chosen = aState({ width, height, chosen: true, cursor: ALTER.key });
    const start = run(chosen, seen(aSample({ backends: [VACUUM, ALTER, ...BEHIND] }))).state;
    const dialog = aDialog({ action: "cancel", targets: [ALTER], holdings: ALTER_HOLDS });
    await expect(shown({ ...start, dialog })).toMatchFileSnapshot(frame("cancel-waiting-ddl"));
  });

  test.each<[string, Outcome]>([
    ["result-back-again", BACK_AGAIN],
    ["result-still-there", anOutcome({ order: anOrder({ targets: [known(30_412)] }), stillThere: 1 })],
  ])("%s", async (name, outcome) => {
    await expect(shown({ ...incident, outcomes: [outcome] })).toMatchFileSnapshot(frame(name));
  });

  test("log", async () => {
    const before = anOutcome({ order: anOrder({ targets: [known(30_120)] }), doneAfter: [0.2], phase: "over" });
    const outcomes = [before, { ...BACK_AGAIN, phase: "over", changedAt: NOW - 60_000 } as const];
    const state = withView({ ...incident, outcomes }, { page: "log" });
    await expect(shown(state)).toMatchFileSnapshot(frame("log"));
  });
});

test("over the page of one session the question stands below what the page says", async () => {
  const incident = withView(duringAnIncident({ width: 80, height: 24 }), { page: "detail" });
  const target = moment(incident)!.sample.backends[0]!;
  const state = { ...incident, dialog: aDialog({ targets: [target], holdings: holdingsOf(target) }) };
  await expect(shown(state)).toMatchFileSnapshot("frames/dialog/over-the-page-of-one-session.txt");
});

const MISTYPED = "nothing is sent: that is not the phrase";
const VOIDED = "30412 is active now, and was idle in transaction";
const RESTING = [30_010, 30_011, 30_012];

const LEFT_OUT = ["idle", "idle", "idle", "walsender", "ours"].map((why, i) => ({
  backend: aBackend({ pid: i }),
  why,
}));

const WALSENDER = aBackend({
  pid: 2001,
  backendType: "walsender",
  user: "repl",
  database: null,
  application: "standby-2",
  clientAddress: "10.0.4.2",
  state: "active",
  connectedAge: 864_000,
  query: 'START_REPLICATION SLOT "standby_2" 0/3000000 TIMELINE 1',
});
const PROTECTION = {
  kind: "walsender",
  why: "A walsender: standby-2 streams from it. Replication breaks off until it connects again; a base backup is lost.",
} as const;

const VACUUM = aBackend({
  pid: 29_100,
  backendType: "autovacuum worker",
  user: null,
  application: "",
  clientAddress: null,
  clientPort: null,
  state: "active",
  xactAge: 7800,
  query: "autovacuum: VACUUM public.events",
});
const ALTER = aWaiter(30_900, [29_100], {
  user: "dba",
  application: "psql",
  waitEvent: "relation",
  xactAge: 41,
  queryAge: 41,
  query: "ALTER TABLE events ADD COLUMN source text",
});
const BEHIND = Array.from({ length: 30 }, (_, i) =>
  aWaiter(31_000 + i, [30_900], { waitEvent: "relation", queryAge: 40 - i, query: "INSERT INTO events VALUES ($1)" }),
);
const ALTER_HOLDS: Holdings = {
  key: ALTER.key,
  locks: 1,
  relations: [],
  moreRelations: 0,
  waitsFor: { relation: "public.events", mode: "AccessExclusiveLock" },
  prepared: [],
};

function holdingsOf({ key }: Backend): Holdings {
  const relations = [
    { relation: "public.accounts", mode: "RowExclusiveLock" },
    { relation: "public.accounts_pkey", mode: "RowExclusiveLock" },
  ];
  return { key, locks: 5, relations, moreRelations: 2, waitsFor: null, prepared: [] };
}

const LEAKY = Array.from({ length: 6 }, (_, i) =>
  aBackend({ pid: 601 + i, application: "leaky", clientAddress: "10.0.0.7" }),
);
const BACK_AGAIN = anOutcome({
  order: anOrder({ id: 2, targets: LEAKY }),
  doneAfter: [0.1, 0.1, 0.2, 0.2, 0.3, 0.3],
  returned: [
    { user: "app", database: "shop", application: "leaky", client: "10.0.0.7", ended: 6, came: 6, firstSeconds: 0.04 },
  ],
});
