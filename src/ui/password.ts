import { openSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { ReadStream } from "node:tty";
import { clean } from "../text/clean.ts";

/** Ctrl-C, where a password was asked for. */
export class InterruptedError extends Error {}

/**
 * Asks on the terminal itself, whatever standard input and output are; nothing is echoed. Ctrl-U begins again, Ctrl-D on an empty
 * line gives up.
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
  try {
    writeSync(fd, clean(question));
    input.setRawMode(true);
    return await readLine(input);
  } finally {
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
        if (char === CTRL_C) return reject(new InterruptedError("interrupted"));
        if (char === CTRL_D && typed.length === 0) return resolve(null);
        if (char === CTRL_U) typed = [];
        else if (char === BACKSPACE || char === DELETE) typed.pop();
        else if (char >= " ") typed.push(char);
      }
    });
  });
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
const BACKSPACE = "\b";
const DELETE = "\u007f";
