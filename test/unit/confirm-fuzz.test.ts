import * as fc from "fast-check";
import { expect, test } from "vitest";
import { phrase } from "../../src/model/action.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Message } from "../../src/state/message.ts";
import type { State } from "../../src/state/state.ts";
import type { TabId } from "../../src/state/view.ts";
import { update } from "../../src/state/update.ts";
import { aBackend, aHiddenBackend, aSample, aServer, aState, aWaiter, NOW, pidSelected, shown } from "./builders.ts";

// Whatever is pressed, pasted, resized and read, in whatever rhythm: an order comes of nothing but its phrase, typed key by key by
// a hand, into a question that was on the screen. The oracle below knows nothing of how the dialog is made: it reads the keys back.

/** What a step does, with the milliseconds before it; what has to be typed is known only when it is. */
type Step =
  | { readonly kind: "key"; readonly key: string; readonly wait: number }
  | { readonly kind: "phrase"; readonly spoilt: Spoiling; readonly wait: number }
  | {
      readonly kind: "paint" | "read" | "resize" | "paste" | "change" | "burst" | "ask";
      readonly n: number;
      readonly wait: number;
    };

/** How a phrase goes wrong that is typed by hand; `no` is how it goes right, `proper` how it does for somebody who looks first. */
const SPOILINGS = [
  "no",
  "proper",
  "proper",
  "case",
  "short",
  "long",
  "blank",
  "pid",
  "other-action",
  "no-enter",
  "fast",
  "pasted-half",
] as const;

type Spoiling = (typeof SPOILINGS)[number];

const wait = fc.constantFrom(0, 1, 5, 11, 30, 90, 149, 151, 400);
const key = fc.constantFrom(
  ..."cxcxcxcxcxaut jkgGpi/12yn1234234tzv<>fv",
  ..."terminate cancel all unlock 0123456789".replaceAll(" ", ""),
  ...[
    "enter",
    "enter",
    "enter",
    "escape",
    "space",
    "space",
    "backspace",
    "C-u",
    "up",
    "down",
    "C-l",
    "K",
    "f9",
    "tab",
    "S-tab",
    "left",
    "right",
    "M-x",
  ],
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("key" as const), key, wait }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("phrase" as const),
      spoilt: fc.constantFrom(...SPOILINGS),
      wait: fc.constantFrom(11, 120),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("paint" as const), n: fc.nat(3), wait }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "read" as const,
        "read" as const,
        "resize" as const,
        "paste" as const,
        "change" as const,
        "burst" as const,
        "ask" as const,
        "ask" as const,
      ),
      n: fc.nat(20),
      wait,
    }),
  },
);

const STATES = ["active", "idle", "idle in transaction", "idle in transaction (aborted)", "disabled"];

function sessions(n: number): Backend[] {
  return [
    ...Array.from({ length: 5 }, (_, i) =>
      aBackend({
        pid: 10 + i,
        state: STATES[(i + n) % 5]!,
        xactAge: 20,
        backendXid: (i * n) % 3 === 1 ? 700 + n : null,
      }),
    ),
    // Rows of the tabs: who waits for whom, and who holds VACUUM back, comes and goes.
    ...Array.from({ length: n % 13 }, (_, i) =>
      aWaiter(40 + ((i * n) % 23), [[10 + (n % 3)], [40], [0]][(i + n) % 3]!),
    ),
    aBackend({ pid: 20, backendType: "walsender", database: null, state: "active" }),
    aBackend({ pid: 21, backendType: "parallel worker", leaderPid: 10, state: "active" }),
    aBackend({ pid: 22, user: "postgres" }),
    aBackend({ pid: 99, state: "active" }),
    aHiddenBackend({ pid: 24 }),
  ];
}

/** What to type now; without a question something that would be one. */
function spoil(state: State, how: Spoiling): string {
  const { dialog } = state;
  const right =
    dialog === null
      ? "terminate 10"
      : dialog.step === "unlock"
        ? `unlock ${dialog.targets[0]!.pid}`
        : phrase(dialog.action, dialog.targets);
  switch (how) {
    case "case":
      return `${right[0]!.toUpperCase()}${right.slice(1)}\n`;
    case "short":
      return `${right.slice(0, -1)}\n`;
    case "long":
      return `${right}0\n`;
    case "blank":
      return ` ${right}\n`;
    case "pid":
      return `${right.split(" ").at(-1)}\n`;
    case "other-action":
      return `${right.startsWith("cancel") ? right.replace("cancel", "terminate") : right.replace("terminate", "cancel")}\n`;
    case "no-enter":
      return right;
    default:
      return `${right}\n`;
  }
}

/** Plays steps and holds every order against the keys that led to it. */
function play(steps: readonly Step[]): { keys: number; orders: number; questions: Record<TabId, number> } {
  const questions = { sessions: 0, blocking: 0, holders: 0, vacuum: 0, server: 0 };
  let state = aState();
  let at = NOW;
  let keys = 0;
  let orders = 0;
  let shift = 0;
  /** The keys since the question, or its second step, was first on the screen, each with its time. */
  let heard: { key: string; at: number }[] = [];
  let seenAt: number | null = null;

  function send(message: Message): void {
    const before = state;
    const [next, effects] = update(state, message);
    state = next;
    if (message.kind === "key") {
      keys++;
      if (seenAt !== null && message.at - seenAt >= 150) heard.push({ key: message.key, at: message.at });
    }
    for (const effect of effects) {
      if (effect.kind !== "signal") continue;
      orders++;
      const { order } = effect;
      const { dialog } = before;
      expect(dialog, "an order without a question").not.toBeNull();
      expect(dialog!.step).toBe("act");
      expect(order.typed).toBe(phrase(order.action, order.targets));
      // Only the end of it: a burst, which is taken for a paste, has cleared what stood there before.
      expect(written(heard).slice(-order.typed.length)).toBe(order.typed);
      expect(heard.at(-1)!.key).toBe("enter");
      expect(heard.at(-1)!.at - heard.at(-2)!.at, "an Enter by itself").toBeGreaterThan(10);
      for (const { pid } of order.targets)
        expect([24, 99, 21], `a session that is never ended: ${pid}`).not.toContain(pid);
      if (order.targets.length > 1) for (const { pid } of order.targets) expect([20, 22]).not.toContain(pid);
      for (const target of order.targets) expect(dialog!.targets).toContain(target);
    }
    if (before.dialog === null && state.dialog !== null && message.kind === "key") {
      // Alt and a key is Esc and that key, one after the other.
      const seen = message.key.startsWith("M-") ? update(before, { ...message, key: "escape" })[0] : before;
      expect(
        state.dialog.targets.map(({ pid }) => pid),
        shown(seen),
      ).toEqual(pointedAt(seen, state));
      questions[seen.view.tab]++;
    }
    if (state.dialog === null || state.dialog.paintedAt === null) {
      heard = [];
      seenAt = null;
    } else seenAt ??= state.dialog.paintedAt;
  }

  const press = (one: string): void =>
    send({ kind: "key", key: one === " " ? "space" : one === "\n" ? "enter" : one, at });
  const read = (): void => {
    const server = aServer({ superuser: true });
    send({ kind: "reading", reading: { ...aSample({ backends: sessions(shift), server }), takenAt: at }, at });
    send({
      kind: "answered",
      id: state.outcomes.at(-1)?.order.id ?? 0,
      answers: { serverSeconds: 0, answers: [] },
      at,
    });
  };
  read();
  for (const [i, one] of steps.entries()) {
    at += one.wait;
    if (i % 8 === 0) read();
    switch (one.kind) {
      case "key":
        press(one.key);
        break;
      case "phrase": {
        const text = spoil(state, one.spoilt);
        if (one.spoilt === "proper") {
          send({ kind: "painted", at });
          at += 200;
          press("C-u");
        }
        const half = one.spoilt === "pasted-half" ? text.slice(0, 5) : "";
        if (half !== "") send({ kind: "paste", text: half, at });
        for (const char of text.slice(half.length)) {
          at += one.spoilt === "fast" ? 0 : one.wait;
          press(char);
        }
        break;
      }
      case "burst":
        for (const char of spoil(state, "no")) press(char);
        break;
      case "ask":
        // Somewhere on a tab, on a page or not, while rows come and go.
        for (const char of ["escape", "escape", "124"[one.n % 3]!, ..."jjjjjjjj".slice(one.n % 9)]) press(char);
        if (one.n % 2 === 0) press("enter");
        at += 400;
        shift += one.n % 4;
        read();
        if (one.n % 5 === 0) press("escape");
        press("cx"[one.n % 2]!);
        break;
      case "paste":
        send({ kind: "paste", text: spoil(state, one.n % 2 === 0 ? "no" : "no-enter"), at });
        break;
      case "paint":
        send({ kind: "painted", at });
        at += 60 * one.n;
        break;
      case "read":
        read();
        break;
      case "change":
        shift += one.n;
        read();
        break;
      case "resize":
        send({ kind: "resize", width: 30 + one.n * 10, height: 6 + one.n, at });
        break;
    }
  }
  return { keys, orders, questions };
}

/** Whom a question has to be about, by what is on the screen: tagged rows of the list, else the row that is marked, or the page. */
function pointedAt(before: State, { dialog }: State): (number | undefined)[] {
  const lines = shown(before).split("\n");
  const page = lines.map((line) => /^.?.? ?Backend (\d+)/.exec(line)?.[1]).find((pid) => pid !== undefined);
  const { backends } = before.live!.sample;
  const onList = before.view.tab === "sessions" && before.view.page === "sessions";
  const tagged = onList ? backends.filter(({ key }) => before.view.tagged.has(key)) : [];
  // Of several, the others are left out, and the question says so.
  if (tagged.length > 1)
    return dialog!.targets.map(({ pid }) => pid).filter((pid) => tagged.some((b) => b.pid === pid));
  // The list may show its columns in any order, or without the pid: there it is told by identity.
  const inList = before.view.tab === "sessions" ? String(pidSelected(before)) : undefined;
  const marked = inList ?? /\d+/.exec(lines.find((line) => line.startsWith(">")) ?? "")?.[0];
  const seen = Number(before.view.page === "detail" ? page : marked);
  const pid = tagged[0]?.pid ?? seen;
  return [backends.find((backend) => backend.pid === pid)?.leaderPid ?? pid];
}

/** What a one-line editor makes of these keys: Enter writes nothing, and what is no text means nothing here. */
function written(heard: readonly { readonly key: string }[]): string {
  let text = "";
  for (const { key } of heard) {
    if (key === "backspace") text = text.slice(0, -1);
    else if (key === "C-u") text = "";
    else if (key === "space") text += " ";
    else if (key.length === 1) text += key;
  }
  return text;
}

test(
  "of 100,000 keys in any rhythm, with pastes, resizes and changes, no order comes without its phrase, nor about another than is pointed at",
  { timeout: 300_000 },
  () => {
    let keys = 0;
    let orders = 0;
    const questions = { sessions: 0, blocking: 0, holders: 0, vacuum: 0, server: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 100, maxLength: 200, size: "max" }), (steps) => {
        const played = play(steps);
        keys += played.keys;
        orders += played.orders;
        for (const tab of ["sessions", "blocking", "holders", "vacuum"] as const)
          questions[tab] += played.questions[tab];
      }),
      { numRuns: 400 },
    );
    expect(keys).toBeGreaterThan(100_000);
    // Phrases that were typed well among them: the road to an order was walked.
    expect(orders).toBeGreaterThan(100);
    // From every tab that has sessions for rows, and never from the one that has groups.
    expect(
      Math.min(questions.sessions, questions.blocking, questions.vacuum),
      JSON.stringify(questions),
    ).toBeGreaterThan(100);
    expect(questions.holders).toBe(0);
  },
);
