import { span } from "./text/format.ts";

export interface Standstill {
  /** Somebody knows why: this long, up to now. */
  stood(ms: number, what: string): void;
  /** Somebody knows why, afterwards: what is found out next was this. */
  because(what: string): void;
  /** From here to resume() it is known that nothing runs. */
  suspend(): void;
  resume(what: string): void;
  /** It was not to be, after suspend(): everything ran on. */
  proceed(): void;
}

/** Not a busy moment, but time in which nobody looked at the server. */
const LATE_MS = 3000;
const BEAT_MS = 1000;

/**
 * Notices that this process has not run for a while: stopped, on a machine that slept, or held up by a terminal that takes nothing.
 * That time is a gap in history, with its reason.
 *
 * @param beat once a second
 * @param discard whatever was under way is about the past; called before anything else runs
 */
export function standstill(
  beat: () => void,
  discard: () => void,
  tell: (since: number, reason: string) => void,
): Standstill {
  let last = Date.now();
  let held = false;
  let known: string | null = null;

  function found(since: number, what: string): void {
    const now = Date.now();
    last = now;
    tell(since, `${what} for ${span((now - since) / 1000)}`);
  }

  setInterval(() => {
    if (held) return;
    const now = Date.now();
    const since = last;
    last = now;
    if (now - since < LATE_MS) return beat();
    discard();
    // The signal that set us going again is heard after this timer, in the same turn.
    setImmediate(() => {
      const what = known ?? "this machine slept, or was too busy,";
      known = null;
      found(since, what);
    });
  }, BEAT_MS).unref();

  return {
    stood(ms, what) {
      discard();
      found(Date.now() - ms, what);
    },
    because(what) {
      known = what;
      setTimeout(() => (known = null), BEAT_MS).unref();
    },
    suspend() {
      held = true;
      known = null;
      last = Date.now();
    },
    proceed() {
      held = false;
    },
    resume(what) {
      held = false;
      discard();
      found(last, what);
    },
  };
}
