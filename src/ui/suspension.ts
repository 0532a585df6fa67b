import type { Terminal } from "./terminal.ts";

export interface Suspension {
  /** Ctrl-Z: back to the shell until `fg`. */
  suspend(): void;
  readonly suspended: () => boolean;
}

export interface SuspensionEvents {
  onSuspend(): void;
  /** Back again, with the terminal. */
  onResume(): void;
  /** Nothing has stopped: there is no shell that could set us going again. */
  onRefused(): void;
  /** We had been stopped without being asked (SIGSTOP), and are going on. */
  onContinue(): void;
}

/** A signal that came while we were stopped is heard first: whoever is to end does not take the terminal once more. */
const HEARING_MS = 50;

/**
 * In raw mode Ctrl-Z is a key, so what the terminal would do for it is done here: the whole process group stops, npm or a script
 * around us included, or the shell would go on waiting. SIGTSTP from outside does the same.
 */
export function suspension(terminal: Terminal, events: SuspensionEvents): Suspension {
  let suspending = false;
  let continued = false;

  function suspend(): void {
    if (suspending) return;
    suspending = true;
    continued = false;
    events.onSuspend();
    const left = terminal.leave();
    process.off("SIGTSTP", suspend);
    // Without a listener this stops us here and now, and the next line is run after SIGCONT. In a group that no shell looks after,
    // the kernel stops nobody.
    process.kill(0, "SIGTSTP");
    setTimeout(() => goOn(left), HEARING_MS);
  }

  function goOn(left: boolean): void {
    suspending = false;
    if (left) terminal.enter();
    process.on("SIGTSTP", suspend);
    if (continued) events.onResume();
    else events.onRefused();
  }

  process.on("SIGTSTP", suspend);
  process.on("SIGCONT", () => {
    continued = true;
    if (suspending) return;
    terminal.retake();
    events.onContinue();
  });
  return { suspend, suspended: () => suspending };
}
