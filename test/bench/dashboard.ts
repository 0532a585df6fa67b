import { Terminal } from "../terminal/terminal.ts";
import type { Context } from "./bench.ts";

/** The dashboard on a server, 200x50, refreshing every second. */
export function dashboard(
  { command: [program, ...args] }: Context,
  { host, port }: { readonly host: string; readonly port: number },
): Terminal {
  const connection = ["-h", host, "-p", String(port), "-U", "postgres", "-d", "postgres", "-i", "1"];
  return new Terminal(program, [...args, ...connection], { columns: 200, rows: 50 });
}

export async function quit(terminal: Terminal): Promise<void> {
  terminal.type("q");
  await terminal.waitExit(5_000).catch(() => terminal.close());
}

/** Generous: with thousands of sessions on a busy machine the first data takes its time. */
export const READY_MS = 60_000;
