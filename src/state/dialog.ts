import { phrase, type Action, type Holdings } from "../model/action.ts";
import type { Backend, BackendKey } from "../model/backend.ts";
import { byPid, changeSince, type Change } from "./as-shown.ts";
import { standing, type Protection } from "./standing.ts";
import type { State } from "./state.ts";

export type { Change } from "./as-shown.ts";

/**
 * The question that stands between a key and a signal. Its targets are frozen when it opens; sampling goes on behind it, and what
 * has changed since makes its phrase void. Every road to an order goes through the whole phrase, typed key by key.
 */
export interface Dialog {
  readonly action: Action;
  /** As they were shown when it opened: what is compared before anything is sent. */
  readonly targets: readonly Backend[];
  /** Tagged, and not among the targets. */
  readonly leftOut: readonly LeftOut[];
  /** Targets that are not in the list as it is filtered now: perhaps they were tagged for something else. */
  readonly unlisted: number;
  /** The parallel worker that was pointed at, when its leader is the target. */
  readonly pointedAt: Backend | null;
  /** A protected target is unlocked first, by a phrase of its own. */
  readonly step: "unlock" | "act";
  readonly protection: Protection | null;
  readonly typed: string;
  /** Why the last Enter or paste did nothing; null when there is nothing to say. */
  readonly said: string | null;
  readonly openedAt: number;
  /** When it was first on the terminal: keys before that, and shortly after, were meant for something else. */
  readonly paintedAt: number | null;
  /** The keys that came faster than a hand types: when the last one came, and how many it were. */
  readonly burst: { readonly last: number; readonly keys: number };
  /** When what is typed was begun. */
  readonly typedSince: number;
  /** What the only target holds; null until it has been read, and for several targets. */
  readonly holdings: Holdings | null;
  /** They could not be read. */
  readonly holdingsFailed: boolean;
  /** Targets that have ended or gone on to something else since it opened: they get nothing. */
  readonly changes: ReadonlyMap<BackendKey, Change>;
  /** Why nothing can be sent any more, in a sentence; null while the phrase counts. */
  readonly voided: string | null;
}

/** Tagged, but not in the group: `why` in a word or two, as in "3 idle, 1 walsender, 1 ours". */
export interface LeftOut {
  readonly backend: Backend;
  readonly why: string;
}

/** The smallest screen on which the whole question can be read. */
export const DIALOG_SIZE = { width: 40, height: 10 } as const;

/** What has to be typed now, word for word. */
export function phraseOf({ step, action, targets }: Pick<Dialog, "step" | "action" | "targets">): string {
  return step === "unlock" ? `unlock ${targets[0]!.pid}` : phrase(action, targets);
}

/** After a sample: who of the targets is not any more what was shown, and whether the phrase still counts. */
export function reviewed(state: State): State {
  const { dialog, live } = state;
  if (dialog === null || live === null) return state;
  const rows = byPid(live.sample);
  const changes = new Map<BackendKey, Change>();
  for (const shown of dialog.targets) {
    const change = changeSince(shown, rows.get(shown.pid), dialog.action);
    if (change !== null) changes.set(shown.key, change);
  }
  const voided = dialog.voided ?? voidWords(state, dialog, changes, rows);
  return { ...state, dialog: { ...dialog, changes, voided } };
}

/** One that has changed makes a phrase void for good; of several each is checked by itself, as long as one is left. */
function voidWords(
  state: State,
  dialog: Dialog,
  changes: ReadonlyMap<BackendKey, Change>,
  rows: ReadonlyMap<number, Backend>,
): string | null {
  const { action, targets } = dialog;
  const [only] = targets;
  const standingOf = (row: Backend) => standing(row, action, state.live!.sample, state.options.protect);
  if (targets.length > 1) {
    if (changes.size === targets.length) return `none of the ${targets.length} is any more what was shown`;
    const guarded = targets.find(
      ({ key, pid }) => !changes.has(key) && standingOf(rows.get(pid)!).kind === "protected",
    );
    return guarded === undefined ? null : `${guarded.pid} is protected now, and no group holds such a one`;
  }
  if (only === undefined) return null;
  const change = changes.get(only.key);
  if (change !== undefined) return changeWords(only, change);
  const now = standingOf(rows.get(only.pid)!);
  if (now.kind === "impossible") return now.why;
  return now.kind === "protected" && dialog.protection === null ? `${only.pid} is protected now` : null;
}

function changeWords({ pid, state }: Backend, change: Change): string {
  switch (change.kind) {
    case "ended":
      return `${pid} has ended`;
    case "hidden":
      return `${pid} is hidden from our role now`;
    case "went-on":
      if (change.what === "query")
        return `${pid} ${state === "idle in transaction" ? "has run another query since" : "runs another query now"}`;
      if (change.what === "transaction") return `${pid} is in another transaction now`;
      return `${pid} is ${change.state ?? "in no state"} now, and was ${state ?? "in no state"}`;
  }
}
