import { StringDecoder } from "node:string_decoder";
import { Transform } from "node:stream";
import type { ReadStream } from "node:tty";

/** Half an escape sequence may arrive this much later than its first half, over a slow line. */
const SEQUENCE_MS = 50;

/** A paste whose end never comes has ended when nothing more of it has come for so long: keys must not be swallowed for ever. */
const PASTE_MS = 500;

const PASTE_BEGIN = "\u001b[200~";
const PASTE_END = "\u001b[201~";
const WHOLE = /^(?:\u001b\[\[[A-E]|\u001b\[[0-?]*[ -/]*[@-~]|\u001bO[ -~]|\u001b\u001b|\u001b[^[O\u001b])/;
const PARTIAL = /^\u001b(?:\[[0-?]*[ -/]*|\[\[|O)?$/;

export interface InputFilter extends Transform {
  /** Keys come here, one by one, unechoed. In the background this stops the process until the terminal is its own. */
  claim(): void;
  /** The terminal reads lines again, for whoever asks next; nobody of ours listens. */
  release(): void;
}

/**
 * Stands between the terminal and blessed, which takes half an escape sequence for Esc and letters, and a paste for typing. Here
 * a sequence is passed on whole or not at all, and pasted text comes as text: no key in it ever acts.
 */
export function inputFilter(tty: ReadStream, onPaste: (text: string) => void): InputFilter {
  const decoder = new StringDecoder("utf8");
  let waiting = "";
  let pasted: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  const out = new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
  // blessed takes its input for a terminal, and switches raw mode through it.
  Object.assign(out, { isTTY: true, setRawMode: (mode: boolean) => tty.setRawMode(mode) });
  Object.defineProperty(out, "isRaw", { get: () => tty.isRaw });

  function pump(late: boolean): void {
    clearTimeout(timer);
    while (waiting !== "" || (late && pasted !== null)) {
      if (pasted !== null) {
        if (!takePaste(late)) return;
      } else if (!waiting.startsWith("\u001b")) takeText();
      else if (PARTIAL.test(waiting) && !late) {
        timer = setTimeout(() => pump(true), SEQUENCE_MS);
        return;
      } else takeSequence();
    }
  }

  function takePaste(late: boolean): boolean {
    const end = waiting.indexOf(PASTE_END);
    if (end < 0 && late) {
      onPaste(pasted + waiting);
      waiting = "";
      pasted = null;
      return true;
    }
    if (end < 0) {
      timer = setTimeout(() => pump(true), PASTE_MS);
      // The end mark itself may come in two halves: keep what could be its beginning.
      const keep = Math.max(0, waiting.length - PASTE_END.length + 1);
      pasted += waiting.slice(0, keep);
      waiting = waiting.slice(keep);
      return false;
    }
    onPaste(pasted + waiting.slice(0, end));
    waiting = waiting.slice(end + PASTE_END.length);
    pasted = null;
    return true;
  }

  function takeText(): void {
    const escape = waiting.indexOf("\u001b");
    const end = escape < 0 ? waiting.length : escape;
    out.write(waiting.slice(0, end));
    waiting = waiting.slice(end);
  }

  function takeSequence(): void {
    const whole = WHOLE.exec(waiting)?.[0];
    if (whole === undefined) {
      // Esc alone is a key; the first half of a sequence whose second half never came is nothing.
      if (waiting === "\u001b") out.write(waiting);
      waiting = "";
      return;
    }
    // Esc and a key in one packet are two keys: nothing is bound to Alt, and a slow line joins what was typed one after the other.
    const alone = whole.length === 2 || whole === "\u001b\u001b" ? "\u001b" : whole;
    waiting = waiting.slice(alone.length);
    if (whole === PASTE_BEGIN) pasted = "";
    else out.write(alone);
  }

  function listen(data: Buffer): void {
    waiting += decoder.write(data);
    pump(false);
  }
  tty.on("data", listen);
  return Object.assign(out, {
    claim(): void {
      tty.setRawMode(true);
      tty.off("data", listen).on("data", listen).resume();
    },
    release(): void {
      clearTimeout(timer);
      waiting = "";
      pasted = null;
      tty.off("data", listen).pause();
      tty.setRawMode(false);
    },
  });
}
