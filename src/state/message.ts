import type { Answers, Holdings, Order } from "../model/action.ts";
import type { Backend, BackendKey } from "../model/backend.ts";
import type { DeadTuples } from "../model/horizon.ts";
import type { Reading } from "../model/reading.ts";
import type { Watch } from "../model/watch.ts";
import type { Outcome } from "./outcome.ts";
import type { Detail, Entry } from "./state.ts";

export type Message =
  | { readonly kind: "reading"; readonly reading: Reading; readonly at: number }
  | { readonly kind: "key"; readonly key: string; readonly at: number }
  | { readonly kind: "paste"; readonly text: string; readonly at: number }
  /** Column and row of the screen, from 0 on. */
  | {
      readonly kind: "mouse";
      readonly action: "click" | "wheel-up" | "wheel-down";
      readonly column: number;
      readonly row: number;
      readonly at: number;
    }
  | { readonly kind: "resize"; readonly width: number; readonly height: number; readonly at: number }
  /** How we are connected, or try to be. */
  | { readonly kind: "entry"; readonly entry: Entry; readonly at: number }
  /** The sampler says how often it really samples. */
  | { readonly kind: "interval"; readonly actual: number; readonly at: number }
  /** The whole text of a query has come, or its backend had gone on or ended (null). */
  | { readonly kind: "query"; readonly detail: Omit<Detail, "askedSeconds">; readonly at: number }
  /** What the server said to an order. */
  | { readonly kind: "answered"; readonly id: number; readonly answers: Answers; readonly at: number }
  /** An order got no answer: it was not sent, or (`unknown`) the connection broke before the server could say. */
  | {
      readonly kind: "unanswered";
      readonly id: number;
      readonly unknown: boolean;
      readonly reason: string;
      readonly at: number;
    }
  /** What a backend holds has been read; null when it has ended or cannot be told. */
  | {
      readonly kind: "holdings";
      readonly key: BackendKey;
      readonly holdings: Holdings | null;
      readonly at: number;
    }
  /** The tables with the most dead rows have been read, or could not be. */
  | { readonly kind: "dead-tuples"; readonly tables: readonly DeadTuples[] | "failed"; readonly at: number }
  /** What update() made of the messages before is on the terminal now. */
  | { readonly kind: "painted"; readonly at: number }
  /** Something worth a line for a moment. */
  | { readonly kind: "told"; readonly text: string; readonly at: number }
  /** Time goes by; what is old must be seen to be old. */
  | { readonly kind: "tick"; readonly at: number };

/** What the shell is asked to do. Nothing in here waits: answers come back as messages. */
export type Effect =
  | { readonly kind: "quit" }
  | { readonly kind: "redraw" }
  | { readonly kind: "suspend" }
  /** Try to get in now; whoever asked for it may be asked for a password. */
  | { readonly kind: "enter" }
  /** Get in even by the last walsender place. */
  | { readonly kind: "take-last-place" }
  | { readonly kind: "mouse"; readonly on: boolean }
  | { readonly kind: "interval"; readonly seconds: number }
  /** From the next sample on, these as well. */
  | { readonly kind: "watch"; readonly watch: Watch }
  | { readonly kind: "fetch-query"; readonly backend: Backend }
  /** What this backend holds and waits for: its locks. */
  | { readonly kind: "fetch-holdings"; readonly backend: Backend }
  /** The tables of our database with the most dead rows. */
  | { readonly kind: "fetch-dead-tuples" }
  /** Sample now, and often for a while: somebody decides, or waits for an outcome. */
  | { readonly kind: "hurry"; readonly seconds: number }
  /** The phrase has been typed. */
  | { readonly kind: "signal"; readonly order: Order }
  /** One line for the log: an action and what is known of its outcome so far. */
  | { readonly kind: "record"; readonly outcome: Outcome }
  /** To the terminal's clipboard. */
  | { readonly kind: "copy"; readonly text: string };
