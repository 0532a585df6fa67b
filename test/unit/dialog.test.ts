import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import type { Holdings } from "../../src/model/action.ts";
import { dialogArea } from "../../src/panels/dialog.ts";
import { screen } from "../../src/panels/screen.ts";
import { chartArea } from "../../src/panels/states.ts";
import { DIALOG_SIZE, phraseOf, type Dialog } from "../../src/state/dialog.ts";
import { withView, type State } from "../../src/state/state.ts";
import { textWidth } from "../../src/text/width.ts";
import { paint } from "../../src/ui/paint.ts";
import {
  aBackend,
  aDialog,
  aGap,
  aHiddenBackend,
  anOutcome,
  aSample,
  aState,
  aWaiter,
  backends,
  listed,
  press,
  run,
  seen,
  shown,
  SERVER_NOW,
} from "./builders.ts";

const CULPRIT = aBackend({
  pid: 412,
  application: "web-7",
  state: "idle in transaction",
  xactAge: 843,
  stateAge: 843,
  backendXid: 778,
});

function asked(dialog: Partial<Dialog> = {}, size = { width: 120, height: 40 }): State {
  const { state } = run(aState(size), listed(CULPRIT, ...(dialog.targets ?? [])));
  return { ...state, dialog: aDialog({ targets: [CULPRIT], ...dialog }) };
}

function holdings(given: Partial<Holdings> = {}): Holdings {
  return { key: CULPRIT.key, locks: 0, relations: [], moreRelations: 0, waitsFor: null, prepared: [], ...given };
}

describe("the question names", () => {
  test.each<[string, Partial<Dialog>]>([
    ["Terminate 1 backend on prod-db-1:5432/shop (primary)", {}],
    ["Cancel 1 query on prod-db-1:5432/shop (primary)", { action: "cancel" }],
    ["Terminate 3 backends on prod-db-1:5432/shop (primary)", { targets: backends(3) }],
    ["412  app@shop  web-7  10.0.3.17:51422", {}],
    ["idle in transaction 14m03, transaction 14m03, connected 10m00", {}],
    ["may have written (holds xid 778)", {}],
    ["reading its locks …", {}],
    [
      "holds 3 locks: public.t (RowExclusiveLock), 1 more table",
      {
        holdings: holdings({
          locks: 3,
          relations: [{ relation: "public.t", mode: "RowExclusiveLock" }],
          moreRelations: 1,
        }),
      },
    ],
    ["Closes its connection; the open transaction rolls back: what it", {}],
    ["Cancel would do nothing: no query is running.", {}],
    ["Closes its connection.", { targets: [aBackend({ pid: 1 })] }],
    [
      "nothing but ROLLBACK goes on there.",
      { action: "cancel", targets: [aBackend({ state: "active", xactAge: 20, queryAge: 10 })] },
    ],
    [
      "Its query ends with an error; the connection stays.",
      { action: "cancel", targets: [aBackend({ state: "active", xactAge: 20, queryAge: 20 })] },
    ],
    [
      "You pointed at its parallel worker 999; the leader runs the query.",
      { pointedAt: aBackend({ pid: 999, backendType: "parallel worker" }) },
    ],
    [
      "2 of 3 tagged are left out: 1 idle, 1 ours",
      { leftOut: ["idle", "ours"].map((why) => ({ backend: aBackend(), why })) },
    ],
    [
      "Type  unlock 412  then Enter:",
      { step: "unlock", protection: { kind: "asked for", why: "Protected by --protect" } },
    ],
    ["▲ Protected by --protect.", { step: "unlock", protection: { kind: "asked for", why: "Protected by --protect" } }],
    [
      "Two steps: first unlock 412, then terminate 412.",
      { step: "unlock", protection: { kind: "asked for", why: "Protected." } },
    ],
    ["Second of two steps: 412 is unlocked.", { protection: { kind: "asked for", why: "Protected." } }],
    ["Type  terminate all 3  then Enter:", { targets: backends(3) }],
    ["nothing is sent: that is not the phrase", { said: "nothing is sent: that is not the phrase" }],
  ])("%s", (words, dialog) => {
    expect(shown(asked(dialog))).toContain(words);
  });

  test("the statement that ends a prepared transaction, for pasting", () => {
    const prepared = [
      { gid: "young", owner: "etl", database: "dwh", preparedSeconds: SERVER_NOW - 60 },
      { gid: "it's", owner: "app", database: "shop", preparedSeconds: SERVER_NOW - 7200 },
    ];
    const text = shown(asked({ targets: [aWaiter(5, [0])], holdings: holdings({ prepared }) }));
    expect(text).toContain("│ It waits for prepared transaction 'it''s' of app, 2h00 old (and 1 ");
    expect(text).toContain("more): no session to end; in database shop run:");
    expect(text).toContain("│ ROLLBACK PREPARED 'it''s' ");
  });
});

describe("DDL that waits", () => {
  const alter = aWaiter(900, [412], { waitEvent: "relation", query: "ALTER TABLE t ADD x int" });
  const queue = [CULPRIT, alter, ...[1, 2, 3].map((pid) => aWaiter(pid, [900], { queryAge: 30 + pid }))];
  const over = (dialog: Partial<Dialog>): string => {
    const { state } = run(aState({ width: 120, height: 40 }), listed(...queue));
    return shown({ ...state, dialog: aDialog(dialog) });
  };

  test("is the safe first thing to cancel", () => {
    const text = over({ action: "cancel", targets: [alter] });
    expect(text).toContain("It waits and has changed nothing yet: the safe first thing to cancel.");
    expect(text).toContain("blocks 3 sessions, the longest for at most 33.0s");
  });

  test("in the queue behind another session is named there", () => {
    expect(over({ targets: [CULPRIT] })).toContain(
      "First cancel 900: its ALTER TABLE waits and has changed nothing, 3 ",
    );
  });

  test("with a transaction that began before it has perhaps changed something: it is to be looked at", () => {
    queue[1] = { ...alter, backendXid: 5, xactStartSeconds: alter.queryStartSeconds! - 60 };
    const text = over({ targets: [CULPRIT] });
    expect(text).not.toMatch(/First cancel|safe first/);
    expect(text).toMatch(/Look at \d+ first: its ALTER TABLE waits/);
  });
});

describe("while the question is open", () => {
  test("its ages go on with each sample; those of one that has ended stand still", () => {
    const later = run(asked(), seen(aSample({ backends: [CULPRIT], secondsLater: 10 }))).state;
    expect(shown(later)).toContain("idle in transaction 14m13");
    const ended = run(asked(), seen(aSample({ secondsLater: 10 }))).state;
    expect(shown(ended)).toContain("Void: 412 has ended");
    expect(shown(ended)).not.toContain("then Enter:");
  });

  test("a target of several that has ended or gone on is marked where it stands, and counted", () => {
    const targets = backends(4);
    const [a, b] = targets as [typeof CULPRIT, typeof CULPRIT];
    const changes: Dialog["changes"] = new Map([
      [a.key, { kind: "ended" }],
      [b.key, { kind: "went-on", state: "active", what: "state" }],
    ]);
    const text = shown(asked({ targets, changes }));
    expect(text).toMatch(/│ +1000 .*ended/);
    expect(text).toMatch(/│ +1001 .*active now/);
    expect(text).toContain("1 ended, 1 changed: they get nothing");
  });

  test("eight of many are listed, those that have written first", () => {
    const targets = [...backends(11), { ...CULPRIT }];
    const text = shown(asked({ targets }));
    expect(text).toMatch(/│ +412 x .*\n.*│ +1000 /);
    expect(text).toContain("and 4 more");
    expect(text).toContain("1 may have written (x)");
  });

  test("what is read no more is said: nothing can be sent", () => {
    const lost = run(asked(), seen(aGap("the connection broke", 5))).state;
    expect(shown(lost)).toContain("Not now: the connection broke");
  });

  test("the footer says what the keys do now", () => {
    expect(shown(asked()).trimEnd().split("\n").at(-1)).toBe(
      " Enter acts only when the phrase matches   Esc keep   Ctrl-U clear",
    );
  });

  test("the row that it is about stays in sight", () => {
    const many = [...backends(9, { state: "active", xactAge: 2000 }), CULPRIT, ...backends(40).slice(9)];
    const { state } = run(aState({ width: 120, height: 40 }), listed(...many), press("j"));
    for (const target of [many[0]!, CULPRIT]) {
      const text = shown({ ...state, dialog: aDialog({ targets: [target] }) });
      expect(text).toMatch(new RegExp(`^[ >] +${target.pid} shop app .*(active|idle in tx) +\\d+m`, "m"));
    }
  });

  test("what was typed is in one tone as far as it matches, and in another from there on", () => {
    const lines = screen(asked({ typed: "terminate 421" }));
    const input = lines.flatMap(({ spans }) => spans).filter(({ text }) => text === "terminate 4" || text === "21");
    expect(input.map(({ tone }) => tone)).toEqual(["title", "warn"]);
  });
});

describe("no dialog", () => {
  const text = fc.oneof(
    fc.constantFrom(
      "",
      "web",
      "漢字漢字漢字漢字",
      "{bold}\u001b[2J",
      "a".repeat(200),
      "\u202eabc",
      "👍👍",
      "it's \\ a",
    ),
    fc.string({ unit: "binary", maxLength: 80 }),
  );
  const backend = fc
    .record({
      pid: fc.integer({ min: 1, max: 4_194_304 }),
      application: text,
      user: fc.option(text),
      database: fc.option(text),
      query: text,
      state: fc.option(fc.constantFrom("active", "idle", "idle in transaction", "idle in transaction (aborted)")),
      backendXid: fc.option(fc.nat(2 ** 31)),
      xactAge: fc.option(fc.nat(10_000_000)),
      blockedBy: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3 }),
      waitEventType: fc.constantFrom("Lock", "Client", null),
    })
    .chain((given) =>
      fc.constantFrom(aBackend(given), aHiddenBackend({ pid: given.pid }), {
        ...aBackend(given),
        backendType: "walsender",
      }),
    );
  const targets = fc.uniqueArray(backend, { minLength: 1, maxLength: 30, selector: ({ pid }) => pid });
  const relation = fc.record({ relation: text, mode: text });
  const held = fc.record({
    key: fc.constant(CULPRIT.key),
    locks: fc.nat(1000),
    relations: fc.array(relation, { maxLength: 6 }),
    moreRelations: fc.nat(3),
    waitsFor: fc.option(relation),
    prepared: fc.array(fc.record({ gid: text, owner: text, database: text, preparedSeconds: fc.nat(1_000_000) }), {
      maxLength: 3,
    }),
  });
  const dialog = fc
    .record({
      action: fc.constantFrom("cancel" as const, "terminate" as const),
      targets,
      leftOut: fc.array(fc.record({ backend, why: text }), { maxLength: 5 }),
      pointedAt: fc.option(backend),
      step: fc.constantFrom("act" as const, "unlock" as const),
      protection: fc.option(fc.record({ kind: fc.constant("superuser" as const), why: text })),
      typed: fc.oneof(text, fc.constant("terminate 1")),
      said: fc.option(text),
      holdings: fc.option(held),
      voided: fc.option(text),
      changed: fc.nat(3),
    })
    .map(({ changed, ...given }) => {
      const changes = new Map(given.targets.slice(0, changed).map(({ key }) => [key, { kind: "ended" } as const]));
      // Only one can be protected.
      return aDialog({ ...given, step: given.targets.length === 1 ? given.step : "act", changes });
    });
  const page = fc.constantFrom("sessions", "detail", "log", "help", "columns");
  const plain = { tone: () => "", reset: "" };

  function drawn(one: Dialog, width: number, height: number, page: State["view"]["page"]): string[] {
    const { state } = run(aState({ width, height }), listed(...one.targets, ...backends(40)));
    const lines = screen(withView({ ...state, dialog: one }, { page: page === "columns" ? "sessions" : page }));
    const texts = paint(lines, width, plain, false);
    expect(texts).toHaveLength(height);
    for (const text of texts) if (textWidth(text) > width) expect.fail(`in ${width} cells: "${text}"`);
    return texts;
  }

  test("of any kind throws at any size, or draws beside the screen", () => {
    fc.assert(
      fc.property(dialog, fc.nat(220), fc.nat(80), page, (one, width, height, on) => {
        drawn(one, width, height, on);
      }),
      { numRuns: 300 },
    );
  });

  test("that fits on the screen leaves out its phrase, what was typed, or its frame", () => {
    const sizes = fc.tuple(
      fc.oneof(fc.constant<number>(DIALOG_SIZE.width), fc.integer({ min: 40, max: 220 })),
      fc.oneof(fc.constant<number>(DIALOG_SIZE.height), fc.integer({ min: 10, max: 80 })),
    );
    fc.assert(
      fc.property(dialog, sizes, page, (one, [width, height], on) => {
        const texts = drawn(one, width, height, on);
        if (one.voided === null) expect(texts.filter((text) => text.includes(phraseOf(one))).length).toBeGreaterThan(0);
        else expect(texts.join("\n")).toContain("Void: ");
        expect(texts.filter((text) => /│ > .*_ *│/.test(text))).toHaveLength(1);
        expect(texts.filter((text) => text.includes("─ Esc: keep it ─┘"))).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  test("covers the chart, which is drawn over all lines", () => {
    fc.assert(
      fc.property(fc.integer({ min: 160, max: 300 }), fc.integer({ min: 40, max: 100 }), (width, height) => {
        const state = asked({}, { width, height });
        const chart = chartArea(state)!;
        expect(dialogArea(state).top).toBeGreaterThan(chart.top + chart.height);
      }),
    );
  });
});

test("while the last result is news it stands in the status line, below what is being typed and what was just said", () => {
  const { state } = run(aState({ width: 120, height: 40 }), listed(CULPRIT));
  const outcome = anOutcome({ order: { ...anOutcome().order, targets: [CULPRIT], typed: "terminate 412" } });
  const told = (given: Partial<State>): string => shown({ ...state, outcomes: [outcome], ...given });
  expect(told({})).toContain("─ terminate 412: sent");
  const sending = [{ ...outcome, phase: "sending" as const, answers: null }];
  expect(told({ outcomes: sending, now: state.now + 60_000 })).toContain("terminate 412: sending");
  // Somebody who stays for minutes must not keep the status of the list away for so long: the page of l has it.
  expect(told({ now: state.now + 10_000 })).not.toContain("terminate 412");
  const over = [{ ...outcome, phase: "over" as const }];
  expect(told({ outcomes: over })).toContain("terminate 412: sent");
  expect(told({ outcomes: over, now: state.now + 10_000 })).not.toContain("terminate 412");
  expect(told({ notice: { text: "something else", tone: "info", until: state.now + 5001 } })).not.toContain(
    "terminate 412",
  );
});
