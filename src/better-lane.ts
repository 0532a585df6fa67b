import { freeForUs } from "./analysis/slots.ts";
import type { Sample } from "./model/reading.ts";
import { retrySeconds } from "./retry.ts";
import type { Opened } from "./way-in.ts";

/** The way out of a lesser lane, tried in the background while that one is sampled. */
export interface BetterLane {
  /** We are in by this lane now: whatever was found for another one is given back. */
  from(opened: Opened): void;
  /** After each sample: is there a place now? */
  look(sample: Sample): void;
  /** Somebody wants it tried with the next sample. */
  wish(): void;
  isOpen(): boolean;
  /** Hands over what has been opened, if anything has. */
  take(): Opened | null;
  stop(): void;
}

interface Options {
  /** By a lane above this one; rejects while they are closed. Null: there is no way out. */
  readonly open: ((than: Opened["lane"]) => Promise<Opened>) | null;
  readonly onOpen: () => void;
  readonly onClosed: (error: unknown) => void;
}

/** The better lanes are tried as often as this, though nothing says that one of them is open. */
const NOW_AND_THEN_SECONDS = 15;

type State =
  | { readonly kind: "waiting"; readonly since: number; readonly tries: number; readonly sawPlace: boolean }
  | { readonly kind: "trying" }
  | { readonly kind: "open"; readonly next: Opened };

export function betterLane({ open, onOpen, onClosed }: Options): BetterLane {
  let current: Opened | null = null;
  let state: State = waiting();

  function waiting(tries = 0, sawPlace = false): State {
    return { kind: "waiting", since: performance.now(), tries, sawPlace };
  }

  /** A place that has just become free is worth a try at once; one that we could not get, later each time. */
  function isWorthATry({ since, tries, sawPlace }: State & { kind: "waiting" }, place: boolean | null): boolean {
    const seconds = (performance.now() - since) / 1000;
    const due = seconds >= retrySeconds(Math.max(1, tries), false);
    if (place === true) return due || !sawPlace;
    return (place === null && due) || seconds >= NOW_AND_THEN_SECONDS;
  }

  return {
    from(opened) {
      if (state.kind === "open") state.next.source.close();
      current = opened;
      state = waiting();
    },
    look(sample) {
      if (open === null || current === null || current.lane === "normal" || state.kind !== "waiting") return;
      const place = freeForUs(sample);
      if (!isWorthATry(state, place)) {
        state = { ...state, sawPlace: place === true };
        return;
      }
      const { tries } = state;
      const than = current;
      state = { kind: "trying" };
      open(than.lane).then(
        (next) => {
          if (current !== than) return next.source.close();
          state = { kind: "open", next };
          onOpen();
        },
        (error: unknown) => {
          if (current !== than) return;
          state = waiting(tries + 1, place === true);
          onClosed(error);
        },
      );
    },
    wish() {
      if (state.kind === "waiting") state = { kind: "waiting", since: -Infinity, tries: 0, sawPlace: false };
    },
    isOpen: () => state.kind === "open",
    take() {
      if (state.kind !== "open") return null;
      const { next } = state;
      state = waiting();
      return next;
    },
    stop() {
      if (state.kind === "open") state.next.source.close();
      current = null;
      state = waiting();
    },
  };
}
