import { isatty } from "node:tty";
import { sentence } from "../sentence.ts";

/** Exit codes as shells expect them: 128 and the number of the signal. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

export interface Lifetime {
  /** Ends the program once, by the shortest way: gives the terminal back, runs what was left to do, exits. */
  end(code: number, reason?: string): void;
}

/**
 * Every way out of the program, in one place. Whatever happens, the terminal is given back first; then the reason, if there is
 * one, stands on the screen that the user had before.
 *
 * @param restore gives the terminal back; must not throw
 * @param finish ends what runs behind: connections, a demo server
 */
export function lifetime(
  restore: () => void,
  finish: () => Promise<void>,
  log: (what: string, error: unknown) => void,
): Lifetime {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  let ending = false;

  function exit(code: number): void {
    // Node sets the modes of its terminals when it exits, and aborts, with a core, where one of them has gone meanwhile.
    if (terminals.every((fd) => isatty(fd))) process.exit(code);
    process.removeAllListeners("SIGHUP");
    process.kill(process.pid, "SIGHUP");
  }

  function end(code: number, reason?: string): void {
    if (ending) return;
    ending = true;
    restore();
    if (reason !== undefined) process.stderr.write(`${sentence(reason)}\n`);
    // What cannot be finished in time is left to the supervisor of the demo server, or to TCP.
    const late = setTimeout(() => exit(code), 5000);
    void finish()
      .catch((error: unknown) => log("while ending", error))
      .finally(() => {
        clearTimeout(late);
        exit(code);
      });
  }

  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      // Asked a second time: somebody does not want to wait for what runs behind. It ends when we do.
      if (ending) exit(code);
      end(code);
    });
  }
  const bug = (error: unknown): void => {
    log("bug", error);
    const what = error instanceof Error ? error.message : String(error);
    end(1, `pgtriage: internal error: ${what.split("\n")[0] ?? ""} (--log FILE keeps the whole story)`);
  };
  process.on("uncaughtException", bug);
  process.on("unhandledRejection", bug);
  return { end };
}
