/** What a span means, not how it looks: the theme knows colours, and a terminal without any shows the same words and marks. */
export type Tone =
  | "normal"
  | "muted"
  | "title"
  | "ok"
  | "warn"
  | "critical"
  | "frame"
  | "active"
  | "waiting"
  | "idle"
  | "idle-in-transaction"
  | "aborted"
  | "blocker"
  | "old"
  | "very-old"
  | "self"
  | "new"
  | "gone"
  | "key"
  | "caret"
  /** Where the cursor stands within a line that has more than itself in it. */
  | "selected";

export interface Span {
  readonly text: string;
  readonly tone: Tone;
  /** It lies over the line, as a box does: the line's highlight does not run through it. */
  readonly above?: true;
}

/** One line of the screen. `highlight` lies under all of it. */
export interface Line {
  readonly spans: readonly Span[];
  readonly highlight?: "selected" | "tagged" | undefined;
}

export const EMPTY_LINE: Line = { spans: [] };

export function line(...parts: readonly (Span | string)[]): Line {
  return { spans: parts.map((part) => (typeof part === "string" ? { text: part, tone: "normal" } : part)) };
}

export function toned(tone: Tone, text: string): Span {
  return { text, tone };
}
