import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { eventually } from "../servers/deadline.ts";
import { listed, selected } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

/** Somebody at a keyboard: a key at a time, slower than a paste, and Enter when what was typed is there to be read. */
export async function typeByHand(terminal: Terminal, text: string): Promise<void> {
  const words = text.replace(/\n$/, "");
  for (const char of words) {
    terminal.type(char);
    await pause(25);
  }
  if (words === text) return;
  if (words !== "") await terminal.waitFor(() => terminal.text().includes(`> ${words}_`));
  await pause(50);
  terminal.press("Enter");
}

/** Puts the cursor on the session of this pid, by filtering for it. */
export async function select(terminal: Terminal, pid: number): Promise<void> {
  terminal.press("/", "Ctrl-U");
  terminal.type(`pid:${pid}`);
  terminal.press("Enter");
  await terminal.waitFor(() => selected(terminal) === pid && listed(terminal).length === 1);
}

/** Opens the question for that session and waits until it is on the screen, and long enough to be answered. */
export async function ask(terminal: Terminal, key: "c" | "x", pid: number): Promise<void> {
  await select(terminal, pid);
  terminal.press(key);
  await terminal.waitFor(/then Enter:/);
  await pause(READ_MS);
}

/** As long as the dashboard takes nobody for having read its question. */
const READ_MS = 200;

/** Until this session is gone from the server. */
export async function gone(watcher: pg.Client, pid: number): Promise<void> {
  await eventually(
    `${pid} has ended`,
    async () => (await watcher.query("select 1 from pg_stat_activity where pid = $1", [pid])).rowCount,
    (count) => count === 0,
  );
}
