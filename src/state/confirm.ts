import type { Order } from "../model/action.ts";
import { close } from "./ask.ts";
import { phraseOf, type Dialog } from "./dialog.ts";
import type { Effect } from "./message.ts";
import { ordered } from "./outcome.ts";
import { trouble, type State } from "./state.ts";

type Next = readonly [State, readonly Effect[]];

/** Keys that come sooner than this after the question is on the screen were typed for something else. */
const UNREAD_MS = 150;
/** No hand types two keys within this. */
const BURST_MS = 10;
/** So many keys of one burst are a paste, on a terminal that does not mark pastes. */
const PASTED_KEYS = 6;
/** Nor fifty in a second, one after the other. */
const FASTEST_KEY_MS = 20;
const LONGEST = 60;
/** An order that has been under way for longer than this does nothing any more. */
const DEADLINE_SECONDS = 5;
/** Long enough to see who ends, who stays and who comes back. */
const WATCH_SECONDS = 12;

/** A key while the question is open. Nothing but the whole phrase, typed by hand and ended by Enter, makes an order. */
export function answer(state: State, key: string): Next {
  const dialog = state.dialog!;
  // Alt and a key is Esc and a key that a slow line has joined, and Esc is always for getting away.
  if (key === "escape" || key.startsWith("M-")) return [close(state), []];
  const together = state.now - dialog.burst.last <= BURST_MS;
  const burst = { last: state.now, keys: together ? dialog.burst.keys + 1 : 1 };
  // No text, and a key all the same: an Enter that comes along with it was not pressed by itself.
  if (key === "C-l") return [say(state, { burst }), [{ kind: "redraw" }]];
  if (dialog.paintedAt === null || state.now - dialog.paintedAt < UNREAD_MS) return [state, []];
  if (key === "enter") {
    if (together)
      return [say(state, { burst, said: "Enter came along with the text, as in a paste: press it again" }), []];
    // Also one that is refused: what comes along with it was not pressed by itself.
    return entered(say(state, { burst }));
  }
  if (burst.keys >= PASTED_KEYS) return [say(state, { burst, typed: "", said: PASTED }), []];
  const typed = edited(dialog.typed, key);
  if (typed === null) return [say(state, { burst }), []];
  const typedSince = dialog.typed === "" ? state.now : dialog.typedSince;
  return [say(state, { burst, typed, typedSince, said: null }), []];
}

/** A paste is no typing, whatever is in it. */
export function refusePaste(state: State): State {
  return say(state, { said: PASTED });
}

const PASTED = "that was a paste: the phrase is typed by hand";

function edited(typed: string, key: string): string | null {
  if (key === "C-u") return "";
  if (key === "backspace") return [...typed].slice(0, -1).join("");
  if (key === "C-w") return typed.trimEnd().replace(/\S*$/, "");
  const char = key === "space" ? " " : key;
  return [...char].length === 1 && char >= " " && typed.length < LONGEST ? typed + char : null;
}

function entered(state: State): Next {
  const dialog = state.dialog!;
  const phrase = phraseOf(dialog);
  const obstacle = dialog.voided ?? trouble(state);
  if (obstacle !== null) return [say(state, { said: `nothing is sent: ${obstacle}` }), []];
  if (dialog.typed !== phrase) return [say(state, { said: notThePhrase(dialog, phrase) }), []];
  // In pieces, a few keys at a time, as over a line that is slow or by a multiplexer that is careful.
  if (state.now - dialog.typedSince < phrase.length * FASTEST_KEY_MS)
    return [say(state, { typed: "", said: PASTED }), []];
  // From the beginning: the second phrase is read before it is typed.
  if (dialog.step === "unlock") return [say(state, { step: "act", typed: "", said: null, paintedAt: null }), []];
  return order(state, dialog);
}

function notThePhrase({ typed, targets }: Dialog, phrase: string): string {
  if (typed === "") return "nothing was typed: Enter alone does nothing";
  if (typed.toLowerCase() === phrase) return "nothing is sent: upper and lower case count";
  if (typed.trim() === phrase) return "nothing is sent: there is a blank too much";
  if (targets.some(({ pid }) => typed === String(pid))) return "nothing is sent: the pid alone is not the phrase";
  return "nothing is sent: that is not the phrase";
}

/** The only place where an order is made. */
function order(state: State, { action, targets, typed }: Dialog): Next {
  const { sample } = state.live!;
  const order: Order = {
    id: state.outcomes.length === 0 ? 1 : state.outcomes.at(-1)!.order.id + 1,
    action,
    targets,
    typed,
    at: state.now,
    notAfterSeconds: sample.serverSeconds + (state.now - sample.takenAt) / 1000 + DEADLINE_SECONDS,
  };
  const [next, effects] = ordered({ ...state, dialog: null }, order);
  return [next, [...effects, { kind: "signal", order }, { kind: "hurry", seconds: WATCH_SECONDS }]];
}

function say(state: State, change: Partial<Dialog>): State {
  return { ...state, dialog: { ...state.dialog!, ...change } };
}
