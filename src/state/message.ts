import type { Backend } from "../model/backend.ts";
import type { Reading } from "../model/reading.ts";
import type { Detail } from "./state.ts";

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
  /** The sampler says how often it really samples. */
  | { readonly kind: "interval"; readonly actual: number; readonly at: number }
  /** The whole text of a query has come, or its backend had gone on or ended (null). */
  | { readonly kind: "query"; readonly detail: Omit<Detail, "askedSeconds">; readonly at: number }
  /** Something worth a line for a moment. */
  | { readonly kind: "told"; readonly text: string; readonly at: number }
  /** Time goes by; what is old must be seen to be old. */
  | { readonly kind: "tick"; readonly at: number };

/** What the shell is asked to do. Nothing in here waits: answers come back as messages. */
export type Effect =
  | { readonly kind: "quit" }
  | { readonly kind: "redraw" }
  | { readonly kind: "suspend" }
  | { readonly kind: "mouse"; readonly on: boolean }
  | { readonly kind: "interval"; readonly seconds: number }
  | { readonly kind: "fetch-query"; readonly backend: Backend };
