import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BIN } from "./dashboard.ts";
import { Terminal, type TerminalOptions } from "./terminal.ts";

/**
 * bash in a terminal, and pgtriage started from it: what is there after pgtriage has gone is what its user sees. Without line
 * editing, which would set and reset modes of its own around every prompt.
 */
export class Shell {
  readonly terminal: Terminal;
  readonly #directory = mkdtempSync(join(tmpdir(), "pgtriage-shell-"));
  #commands = 0;

  constructor(options: TerminalOptions = {}) {
    const env = { PS1: PROMPT, PS2: "", ...options.env };
    const bash = ["--norc", "--noprofile", "--noediting", "-i"];
    this.terminal = new Terminal("bash", bash, { columns: 100, rows: 30, ...options, env });
  }

  /** Types a command and waits for its end; what it printed. */
  async run(command: string): Promise<string> {
    const end = `end-${++this.#commands}`;
    // Split, so that the echo of what is typed is not taken for the answer.
    this.terminal.type(`${command}; echo "${end.slice(0, 3)}""${end.slice(3)}:$?"\r`);
    await this.terminal.waitFor(new RegExp(`^${end}:\\d+$`, "m"));
    const lines = this.terminal.lines();
    const last = lines.findLastIndex((line) => line.startsWith(`${end}:`));
    const first = lines.findLastIndex((line, y) => y < last && line.includes(`"${end.slice(0, 3)}"`));
    return lines.slice(first + 1, last).join("\n");
  }

  /** Notes how the terminal is, to be compared with afterwards. */
  async begin(): Promise<void> {
    await this.terminal.waitFor(() => this.terminal.text().startsWith(PROMPT.trimEnd()));
    await this.run("stty -g >'" + this.#path("before") + "'");
    await this.run("clear; echo what stood here before");
  }

  /** Starts the dashboard on a server, or the demo, as a job in the foreground. */
  start(what: string, { before = "", args = "", after = "" } = {}): void {
    const command = `exec "${process.execPath}" "${BIN}" ${what === "demo" ? "demo --scenario calm" : `"${what}" --interval 0.5`} ${args}`;
    this.terminal.type(
      `${before} sh -c 'echo $$ >"${this.#path("pid")}"; ${command}' ${after}${after === "&" ? "" : ";"} echo "co""de:$?"\r`,
    );
  }

  get started(): boolean {
    return existsSync(this.#path("pid")) && readFileSync(this.#path("pid"), "utf8").endsWith("\n");
  }

  /** Of the dashboard. */
  get pid(): number {
    return Number(readFileSync(this.#path("pid"), "utf8"));
  }

  get processState(): string | null {
    return processState(this.pid);
  }

  /** Processes that the dashboard has started. */
  get children(): number[] {
    const { pid } = this;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  async exitCode(ms = 10_000): Promise<number> {
    await this.terminal.waitFor(/^code:\d+$/m, ms);
    return Number(/^code:(\d+)$/m.exec(this.terminal.text())![1]);
  }

  /** What differs from how it was before; nothing, when the terminal was given back whole. */
  async differences(): Promise<string[]> {
    const { terminal } = this;
    const { alternate, cursorVisible, bracketedPaste, mouseTracking } = terminal;
    const found = Object.entries({ alternate, "cursor hidden": !cursorVisible, "bracketed paste": bracketedPaste })
      .filter(([, on]) => on)
      .map(([name]) => name);
    if (mouseTracking !== "none") found.push("mouse");
    const modes = await this.run(`[ "$(stty -g)" = "$(cat '${this.#path("before")}')" ] && echo same || stty -a`);
    if (modes !== "same") found.push(modes);
    const lines = terminal.lines();
    const prompt = lines.findLastIndex((line) => line.startsWith(PROMPT.trimEnd()));
    if (prompt < 0) return [...found, `no prompt at the beginning of a line:\n${terminal.text()}`];
    const { fg, bg, bold, underline, inverse } = terminal.cell(0, prompt);
    if (fg !== null || bg !== null || bold || underline || inverse) found.push("attributes of characters");
    return found;
  }

  close(): void {
    try {
      process.kill(this.pid, "SIGKILL");
    } catch {
      // It has gone, as it should, or was never started.
    }
    this.terminal.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}

/** As the kernel has it: "S" sleeps, "R" runs, "T" is stopped; null when it has gone. */
export function processState(pid: number): string | null {
  try {
    return /^\d+ \(.*\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
}

const PROMPT = "shell> ";
