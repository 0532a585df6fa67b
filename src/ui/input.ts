import { StringDecoder } from "node:string_decoder";
import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import { charKey, mouseReport, sequenceKey, type MouseReport } from "./keys.ts";
import { isControlString, nextToken } from "./tokens.ts";

export interface InputEvents {
  onKey(key: string): void;
  onPaste(text: string): void;
  onMouse(report: MouseReport): void;
}

/** The rest of an escape sequence may arrive this much later than what came before it, over a slow line. */
const SEQUENCE_MS = 50;

/** A paste that has stalled for so long is handed on as far as it has come, and so long an answer of the terminal may stall. */
const STALLED_MS = 500;

const PASTE_BEGIN = "\u001b[200~";
const PASTE_END = "\u001b[201~";

/** What blessed takes for a terminal: it switches raw mode through it, and reads nothing. */
export interface BlessedInput extends PassThrough {
  readonly isTTY: true;
  readonly isRaw: boolean;
  setRawMode(mode: boolean): void;
  /** Keys come here, one by one, unechoed. In the background this stops the process until the terminal is its own. */
  claim(): void;
  /** The terminal reads lines again, for whoever asks next; nobody of ours listens. */
  release(): void;
}

/**
 * Reads what the terminal sends: keys by their names, pastes as text, clicks. A sequence counts whole or not at all, however it is
 * cut on the way, and no byte of a sequence, a paste or an answer is ever a key.
 *
 * @returns an input for blessed, out of which nothing ever comes: its own reader takes half a sequence for Esc and letters, and a
 * paste for typing.
 */
export function readInput(tty: ReadStream, events: InputEvents): BlessedInput {
  let decoder = new StringDecoder("utf8");
  let waiting = "";
  /** So much of a paste has been looked through for its end. */
  let searched = 0;
  let timer: NodeJS.Timeout | undefined;
  let paste: "no" | "running" | "stalled" = "no";

  function pump(): void {
    clearTimeout(timer);
    while (waiting !== "") {
      const before = waiting;
      if (paste === "no") takeToken();
      else takePaste();
      if (waiting === before) break;
    }
    if (paste === "no" && waiting === "") return;
    timer = setTimeout(late, paste === "no" && !isControlString(waiting) ? SEQUENCE_MS : STALLED_MS);
  }

  /** The rest never came. */
  function late(): void {
    if (paste !== "no") {
      const keep = partialEnd(waiting);
      if (waiting.length > keep) events.onPaste(utf8(waiting.slice(0, waiting.length - keep)));
      waiting = waiting.slice(waiting.length - keep);
      searched = 0;
      paste = "stalled";
      return;
    }
    // Esc alone is a key; the beginning of a sequence is nothing.
    if (waiting === ESC) events.onKey("escape");
    waiting = "";
  }

  function takePaste(): void {
    // After a silence a key that comes alone was pressed by a person who waits: it ends a paste whose end mark was lost.
    if (paste === "stalled" && (waiting === ESC || waiting === CTRL_C)) {
      paste = "no";
      return takeToken();
    }
    const end = waiting.indexOf(PASTE_END, searched);
    searched = end < 0 ? Math.max(0, waiting.length - PASTE_END.length) : 0;
    if (end < 0) return;
    events.onPaste(utf8(waiting.slice(0, end)));
    waiting = waiting.slice(end + PASTE_END.length);
    paste = "no";
  }

  function takeToken(): void {
    const token = nextToken(waiting);
    if (token === null) return;
    const bytes = waiting.slice(0, token.length);
    waiting = waiting.slice(token.length);
    if (token.kind === "text") {
      for (const char of decoder.write(Buffer.from(bytes, "latin1"))) press(charKey(char));
      return;
    }
    // Half a character before an escape stays half.
    decoder = new StringDecoder("utf8");
    if (token.kind === "escape") press("escape");
    else if (token.kind === "alt") press(`M-${charKey(bytes[1]!)!}`);
    else if (bytes === PASTE_BEGIN) paste = "running";
    else if (token.kind === "sequence") takeSequence(bytes);
  }

  function takeSequence(sequence: string): void {
    const report = mouseReport(sequence);
    if (report === null) press(sequenceKey(sequence));
    else events.onMouse(report);
  }

  function press(key: string | null): void {
    if (key !== null) events.onKey(key);
  }

  function listen(data: Buffer): void {
    waiting += data.toString("latin1");
    pump();
  }

  tty.on("data", listen);

  const toBlessed = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean) => tty.setRawMode(mode),
    claim(): void {
      tty.setRawMode(true);
      tty.off("data", listen).on("data", listen).resume();
    },
    release(): void {
      clearTimeout(timer);
      waiting = "";
      searched = 0;
      paste = "no";
      tty.off("data", listen).pause();
      tty.setRawMode(false);
    },
  });
  return Object.defineProperty(toBlessed, "isRaw", { get: () => tty.isRaw }) as unknown as BlessedInput;
}

/** How many of the last bytes may be the beginning of the end mark. */
function partialEnd(bytes: string): number {
  for (let length = PASTE_END.length - 1; length > 0; length--) {
    if (bytes.endsWith(PASTE_END.slice(0, length))) return length;
  }
  return 0;
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

const ESC = "\u001b";
const CTRL_C = "\u0003";
