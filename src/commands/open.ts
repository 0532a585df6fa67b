import { connect, ConnectError } from "../connection/connect.ts";
import { PasswordWantedError } from "../connection/session.ts";
import type { Conninfo } from "../connection/conninfo.ts";
import { placeOf, type Host } from "../connection/hosts.ts";
import type { Opened } from "../sampler.ts";
import { postgresSource } from "../source/postgres.ts";

/** Asks the user for the password; null when nobody can be asked. */
export type Ask = (question: string) => Promise<string | null>;

/** When to ask: as the server wants one, before it is even tried (-W), or never (-w). */
export type Prompt = "when-asked" | "always" | "never";

/** Connects and makes a source of the session. Remembers a password that was typed, so that it is asked for only once a run. */
export interface Door {
  /** Asks for the password that -W wants, before anything else is shown. */
  prepare(): Promise<void>;
  /** The first way in: may ask. */
  open(): Promise<Opened>;
  /** After a loss: nobody is asked in the middle of a watch. */
  reopen(): Promise<Opened>;
  /** Where and as whom, with the password that was typed. */
  to(): Conninfo;
}

export function door(asked: Conninfo, prompt: Prompt, ask: Ask): Door {
  let to = asked;

  async function typed(host: Host, again: string): Promise<boolean> {
    const password = await ask(`${again}Password for role ${to.user} on ${placeOf(host)}: `);
    if (password === null) return false;
    to = { ...to, password: password === "" ? null : password, passwordFrom: "your typing" };
    return true;
  }

  return {
    to: () => to,
    reopen: () => openSource(to),
    async prepare() {
      if (prompt === "always") await typed(to.hosts[0]!, "");
    },
    async open() {
      let tries = prompt === "never" ? 0 : prompt === "always" ? TRIES - 1 : TRIES;
      for (;;) {
        try {
          return await openSource(to);
        } catch (error) {
          const last = error instanceof ConnectError ? error.failures.at(-1)! : null;
          const wanted = last?.error instanceof PasswordWantedError;
          const refused = to.passwordFrom === "your typing" && isWrongPassword(last?.error);
          if (last === null || !(wanted || refused) || tries-- === 0) throw error;
          if (!(await typed(last.host, refused ? "Wrong password, the last try. " : ""))) throw error;
        }
      }
    },
  };
}

/** Asked, and asked once more when it was wrong. */
const TRIES = 2;

function isWrongPassword(error: unknown): boolean {
  return (error as { code?: string } | undefined)?.code === "28P01";
}

export async function openSource(to: Conninfo): Promise<Opened> {
  const { client, versionNum, host, onLost, reset } = await connect(to);
  const major = Math.trunc(versionNum / 10_000);
  return { source: postgresSource({ client, major, host: host.host, port: host.port, lane: "normal", reset }), onLost };
}
