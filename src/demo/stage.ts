import { createServer, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

/** Who connects, as pg_stat_activity will show it. */
export interface Who {
  readonly application: string;
  readonly role: "app" | "report" | "etl" | "postgres";
  readonly database: "shop" | "dwh";
  /** Where from: an address of the loopback network, or null for the socket. */
  readonly address: string | null;
}

export interface Session {
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Settles when the session is over, whoever ended it. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** What the scenarios play on. */
export interface Stage {
  /** Rejects as PostgreSQL refuses: 53300 when there is no slot. */
  connect(who: Who): Promise<Session>;
  /**
   * A session that is always there: when it is terminated or refused it comes back, later each time it is refused, as a real pool's
   * connection does. `life` runs again in each new session.
   */
  resident(who: Who, life: (session: Session) => Promise<void>, options?: { readonly returnsAfterMs?: number }): void;
  pause(minMs: number, maxMs?: number): Promise<void>;
}

export async function openStage(server: { readonly socketDir: string; readonly port: number }): Promise<Stage> {
  const manyAddresses = await hasManyAddresses();

  async function connect({ application, role, database, address }: Who): Promise<Session> {
    const client = new pg.Client({
      host: address === null ? server.socketDir : "127.0.0.1",
      port: server.port,
      user: role,
      database,
      application_name: application,
      connectionTimeoutMillis: 10_000,
      ...(address !== null && manyAddresses && { stream: () => socketFrom(address) }),
    });
    const ended = new Promise<void>((resolve) => client.once("end", () => resolve()));
    client.on("error", () => {}); // being terminated is part of the play
    await client.connect();
    return {
      query: async (sql, values) => (await client.query(sql, values && [...values])).rows as Record<string, unknown>[],
      ended,
      close: () => client.end(),
    };
  }

  async function live(who: Who, life: (session: Session) => Promise<void>, returnsAfterMs: number): Promise<never> {
    let refusals = 0;
    for (;;) {
      try {
        const session = await connect(who);
        refusals = 0;
        await life(session)
          .then(() => session.ended)
          .catch(() => session.close());
      } catch {
        refusals++;
      }
      const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** refusals);
      await pause(Math.max(returnsAfterMs, backoff / 2), Math.max(returnsAfterMs, backoff));
    }
  }

  return {
    connect,
    resident: (who, life, { returnsAfterMs = 0 } = {}) => void live(who, life, returnsAfterMs),
    pause,
  };
}

/** Somewhere in between: a hundred clients that all wait equally long would march in step. */
async function pause(minMs: number, maxMs = minMs): Promise<void> {
  await delay(minMs + Math.random() * (maxMs - minMs));
}

/** A client that connects from a place of its own, so that clients can be told apart by host as in real life. */
function socketFrom(localAddress: string): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket) as (options: object) => Socket;
  // The driver knows only port and host.
  socket.connect = ((port: number, host: string) => connect({ port, host, localAddress })) as Socket["connect"];
  return socket;
}

/** Linux answers on the whole of 127.0.0.0/8, macOS on 127.0.0.1 alone: there, all clients are one host. */
function hasManyAddresses(): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(0, "127.0.3.10", () => probe.close(() => resolve(true)));
  });
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 15_000;
