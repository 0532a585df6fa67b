import { setTimeout as pause } from "node:timers/promises";
import type { Terminal } from "../terminal/terminal.ts";
import type { Bench, Context, Result } from "./bench.ts";
import { dashboard, quit, READY_MS } from "./dashboard.ts";
import { ownBackend } from "./own-backend.ts";
import { cpuMs, measurable, residentMegabytes } from "./process.ts";
import { type Relay, relay } from "./relay.ts";

/** What one refresh costs the client, the server and the line to the terminal, and the memory after that. */
export function refresh(sessions: number, targets: { clientMs: number | null; serverMs: number | null }): Bench {
  const on = `${sessions.toLocaleString("en")} backends`;
  return {
    name: `refresh-${sessions}`,
    sessions,
    async run(context) {
      if (!measurable) return [{ ...client(on, targets.clientMs, []), note: "needs /proc: Linux only" }];
      const between = await relay(context.server);
      const terminal = dashboard(context, between);
      try {
        await terminal.waitFor(context.firstData, READY_MS);
        const backend = await ownBackend(context);
        // The first refreshes are slower: code that has not been compiled yet, tables that are filled for the first time.
        await pause(WARM_UP_MS);
        const quiet = await costs(context, terminal, between, backend);
        await context.load.change(sessions / 10);
        await pause(CHANGE_MS);
        const changing = await costs(context, terminal, between, backend);
        await context.load.change(0);
        return [
          client(on, targets.clientMs, quiet.clientMs),
          client(`${on}, 10 % change`, targets.clientMs, changing.clientMs),
          { what: `server CPU per refresh, ${on}`, unit: "ms", target: targets.serverMs, values: quiet.serverMs },
          { what: `round trips per refresh, ${on}`, unit: "trips", target: 1, values: quiet.roundTrips },
          { what: `to the terminal per refresh, ${on}, quiet`, unit: "kB", target: 1, values: quiet.kilobytes },
          {
            what: `to the terminal per refresh, ${on}, 10 % change`,
            unit: "kB",
            target: null,
            values: changing.kilobytes,
          },
          { what: `RSS after that, ${on}`, unit: "MB", target: 150, values: [residentMegabytes(terminal.pid)] },
        ];
      } finally {
        await quit(terminal);
        between.close();
      }
    },
  };
}

interface Costs {
  readonly clientMs: number[];
  readonly serverMs: number[];
  readonly roundTrips: number[];
  readonly kilobytes: number[];
}

/** One value per refresh: the difference between the beginning of one and of the next. */
async function costs(context: Context, terminal: Terminal, between: Relay, backend: number): Promise<Costs> {
  const seen: { clientMs: number; serverMs: number; roundTrips: number; kilobytes: number }[] = [];
  between.onRefresh = () =>
    seen.push({
      clientMs: cpuMs(terminal.pid),
      serverMs: cpuMs(backend),
      roundTrips: between.roundTrips(),
      kilobytes: terminal.bytes / 1000,
    });
  await pause(context.windowSeconds * 1000);
  between.onRefresh = () => {};
  const each = (key: keyof Costs): number[] => seen.slice(1).map((now, i) => now[key] - (seen[i]?.[key] ?? 0));
  return {
    clientMs: each("clientMs"),
    serverMs: each("serverMs"),
    roundTrips: each("roundTrips"),
    kilobytes: each("kilobytes"),
  };
}

function client(on: string, target: number | null, values: readonly number[]): Result {
  return { what: `client CPU per refresh, ${on}`, unit: "ms", target, values };
}

const WARM_UP_MS = 10_000;
const CHANGE_MS = 2_500;
