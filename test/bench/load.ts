import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadOrder, LoadReport } from "./load-process.ts";

/** Sessions on the server, held by a process of their own so that they cost the measuring one nothing. */
export class Load {
  readonly #process: ChildProcess;

  constructor(server: { readonly host: string; readonly port: number }) {
    // Inherits the loader that runs this file. It ends when its channel to us does, also if we are killed.
    this.#process = fork(fileURLToPath(new URL("./load-process.ts", import.meta.url)), [
      server.host,
      String(server.port),
    ]);
  }

  /** So many sessions in all, never fewer than before. */
  async grow(sessions: number): Promise<void> {
    await this.#order({ sessions });
  }

  /** Each second so many of the idle sessions run a statement, so that their rows change. */
  async change(perSecond: number): Promise<void> {
    await this.#order({ perSecond });
  }

  stop(): void {
    if (this.#process.connected) this.#process.disconnect();
  }

  async #order(order: LoadOrder): Promise<void> {
    const listening = new AbortController();
    const { signal } = listening;
    const answer = once(this.#process, "message", { signal }) as Promise<[LoadReport]>;
    const ended = once(this.#process, "exit", { signal }).then(([code]) => {
      throw new Error(`the process that holds the sessions ended with ${code}`);
    });
    try {
      this.#process.send(order);
      const [report] = await Promise.race([answer, ended]);
      if (report.error !== null) throw new Error(`could not open the sessions: ${report.error}`);
    } finally {
      listening.abort();
    }
  }
}
