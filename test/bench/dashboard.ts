import { Terminal } from "../terminal/terminal.ts";
import type { Context } from "./bench.ts";

/** The dashboard on a server, 200x50, refreshing every second. */
export function dashboard(
  { command: [program, ...args] }: Context,
  { host, port }: { readonly host: string; readonly port: number },
  env: Readonly<Record<string, string>> = {},
): Terminal {
  const connection = ["-h", host, "-p", String(port), "-U", "postgres", "-d", "postgres", "-i", "1"];
  return new Terminal(program, [...args, ...connection], { columns: 200, rows: 50, env });
}

export async function quit(terminal: Terminal): Promise<void> {
  terminal.type("q");
  await terminal.waitExit(5_000).catch(() => terminal.close());
}

/** Generous: with thousands of sessions on a busy machine the first data takes its time. */
export const READY_MS = 60_000;

/** When (`performance.now()`) the output came that brought this onto the screen. */
export async function firstSeen(terminal: Terminal, what: RegExp): Promise<number> {
  for (;;) {
    const at = await terminal.nextOutput(READY_MS);
    if (at === null || terminal.exit !== null) throw new Error(`${String(what)} never came:\n${terminal.text()}`);
    await terminal.parsed();
    if (what.test(terminal.text())) return at;
  }
}
