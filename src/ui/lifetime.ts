import { isatty } from "node:tty";
import { sentence } from "../sentence.ts";
import { toAscii } from "./paint.ts";

/** Exit codes as shells expect them: 128 and the number of the signal. */
export const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

/** What cannot be finished in this time is left to the supervisor of the demo server, or to TCP. */
const FINISH_MS = 5000;

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
 * @param suspended whether the terminal belongs to a shell that has suspended us
 * @param ascii whether the terminal shows nothing else
 */
export function lifetime(
  restore: () => void,
  finish: () => Promise<void>,
  suspended: () => boolean,
  log: (what: string, error: unknown) => void,
  ascii: boolean,
): Lifetime {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  let ending = false;

  function end(code: number, reason?: string): void {
    if (ending) return;
    ending = true;
    restore();
    if (reason !== undefined) process.stderr.write(`${ascii ? toAscii(sentence(reason)) : sentence(reason)}\n`);
    const late = setTimeout(() => exit(code), FINISH_MS);
    void finish()
      .catch((error: unknown) => log("while ending", error))
      .finally(() => {
        clearTimeout(late);
        exit(code);
      });
  }

  /**
   * Node sets the modes of its terminals when it exits. Where one of them has gone meanwhile it aborts, with a core; where they are
   * another job's the kernel stops us in the middle of it, for ever. There we end as a program without handlers does.
   */
  function exit(code: number): void {
    if (terminals.every((fd) => isatty(fd)) && !suspended()) process.exit(code);
    const signal = code === SIGNALS.SIGINT ? "SIGINT" : code === SIGNALS.SIGHUP ? "SIGHUP" : "SIGTERM";
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
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
