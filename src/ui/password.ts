import { openSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { ReadStream } from "node:tty";
import { clean } from "../text/clean.ts";
import { SIGNALS } from "./lifetime.ts";

/** Ctrl-C or Ctrl-\\, where a password was asked for; `code` is what a shell expects then. */
export class InterruptedError extends Error {
  readonly code: number;
  constructor(code: number) {
    super("interrupted");
    this.code = code;
  }
}

/**
 * Asks on the terminal itself, whatever standard input and output are; nothing is echoed. Ctrl-U begins again, Ctrl-D on an empty
 * line gives up, Ctrl-Z suspends.
 *
 * @returns what was typed; null when there is no terminal, or the user gave up
 * @throws InterruptedError
 */
export async function askPassword(question: string): Promise<string | null> {
  let fd: number;
  try {
    fd = openSync("/dev/tty", "r+");
  } catch {
    return null;
  }
  const input = new ReadStream(fd);
  const begin = (): void => {
    write(fd, clean(question));
    input.setRawMode(true);
  };
  const forget = echoAgain(input);
  process.on("SIGCONT", begin);
  try {
    begin();
    return await readLine(input);
  } finally {
    process.off("SIGCONT", begin);
    forget();
    input.setRawMode(false);
    write(fd, "\n");
    input.destroy();
  }
}

function readLine(input: ReadStream): Promise<string | null> {
  const decoder = new StringDecoder("utf8");
  let typed: string[] = [];
  return new Promise((resolve, reject) => {
    input.once("error", reject).once("end", () => resolve(null));
    input.on("data", (chunk: Buffer) => {
      for (const char of decoder.write(chunk).replace(CURSOR_KEYS, "")) {
        if (char === "\r" || char === "\n") return resolve(typed.join(""));
        if (char === CTRL_C) return reject(new InterruptedError(SIGNALS.SIGINT));
        if (char === CTRL_BACKSLASH) return reject(new InterruptedError(SIGNALS.SIGQUIT));
        if (char === CTRL_D && typed.length === 0) return resolve(null);
        if (char === CTRL_Z) {
          typed = [];
          suspend(input);
        } else if (char === CTRL_U) typed = [];
        else if (char === BACKSPACE || char === DELETE) typed.pop();
        else if (char >= " ") typed.push(char);
      }
    });
  });
}

/** Whoever suspends the dashboard takes its whole job along; where nobody does, the job is stopped from here. */
function suspend(input: ReadStream): void {
  input.setRawMode(false);
  process.kill(process.listenerCount("SIGTSTP") > 0 ? process.pid : 0, "SIGTSTP");
  // In a group that no shell looks after, the kernel stops nobody: what is typed next must not be echoed.
  setTimeout(() => {
    if (!input.destroyed) input.setRawMode(true);
  }, HEARING_MS);
}

/** As long as a signal to stop may take, and the one that sets us going again. */
const HEARING_MS = 100;

/** Where nobody else looks after signals, one that ends us must not leave a terminal behind that does not echo. */
function echoAgain(input: ReadStream): () => void {
  const handlers = Object.entries(SIGNALS)
    .filter(([signal]) => process.listenerCount(signal) === 0)
    .map(([signal, code]) => {
      const end = (): void => {
        input.setRawMode(false);
        process.exit(code);
      };
      process.on(signal, end);
      return () => process.off(signal, end);
    });
  return () => handlers.forEach((remove) => remove());
}

function write(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // The terminal has gone meanwhile; whoever waits for the answer finds out.
  }
}

/** They mean nothing here, and must not leave their letters behind. */
const CURSOR_KEYS = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O.)/g;
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_U = "\u0015";
const CTRL_Z = "\u001a";
const CTRL_BACKSLASH = "\u001c";
const BACKSPACE = "\b";
const DELETE = "\u007f";
