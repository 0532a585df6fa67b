import type { Terminal } from "./terminal.ts";

export interface Suspension {
  /** Ctrl-Z: back to the shell until `fg`. */
  suspend(): void;
}

export interface SuspensionEvents {
  onSuspend(): void;
  /** Back again, with the terminal; after how long, our clock knows. */
  onResume(): void;
  /** We had been stopped without being asked (SIGSTOP), and are going on. */
  onContinue(): void;
}

/**
 * In raw mode Ctrl-Z is a key, so what the terminal would do for it is done here: the whole process group stops, npm or a script
 * around us included, or the shell would go on waiting. SIGTSTP from outside does the same.
 */
export function suspension(terminal: Terminal, events: SuspensionEvents): Suspension {
  let suspending = false;

  function suspend(): void {
    if (suspending) return;
    suspending = true;
    events.onSuspend();
    const left = terminal.leave();
    process.off("SIGTSTP", suspend);
    process.off("SIGCONT", resumed);
    // Without a listener this stops us here and now; the next line is run after SIGCONT. In a group that no shell looks after, the
    // kernel does not stop anybody, and we are back at once.
    process.kill(0, "SIGTSTP");
    // A signal that came while we were stopped is heard first: whoever is to end does not take the terminal once more.
    setImmediate(() => setImmediate(() => goOn(left)));
  }

  function goOn(left: boolean): void {
    suspending = false;
    if (left) terminal.enter();
    process.on("SIGTSTP", suspend);
    process.on("SIGCONT", resumed);
    events.onResume();
  }

  function resumed(): void {
    terminal.retake();
    events.onContinue();
  }

  process.on("SIGTSTP", suspend);
  process.on("SIGCONT", resumed);
  return { suspend };
}
