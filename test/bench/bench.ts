import type { Load } from "./load.ts";

/** What every measurement may use. The server holds as many sessions as the bench asked for when it runs. */
export interface Context {
  readonly server: { readonly host: string; readonly port: number };
  readonly load: Load;
  /** Program and arguments; the connection is added. */
  readonly command: readonly [string, ...string[]];
  /** What the screen shows as soon as it shows anything, and what it shows with the first data. */
  readonly firstFrame: RegExp;
  readonly firstData: RegExp;
  readonly windowSeconds: number;
}

export interface Bench {
  /** For --only. */
  readonly name: string;
  /** How many sessions the server holds meanwhile. Null: needs no server. */
  readonly sessions: number | null;
  run(context: Context): Promise<readonly Result[]>;
}

export interface Result {
  readonly what: string;
  readonly unit: "ms" | "kB" | "MB" | "trips";
  /** At most this; null where we have promised nothing. */
  readonly target: number | null;
  readonly values: readonly number[];
  readonly note?: string;
}
