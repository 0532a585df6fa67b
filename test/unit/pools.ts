import { append, emptyHistory, type History } from "../../src/history/history.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Reading } from "../../src/model/reading.ts";
import type { Server } from "../../src/model/server.ts";
import { aBackend, aGap, aSample, aServer } from "./builders.ts";

/** How many sessions an application has at a time, in seconds since the beginning. */
export type Size = (seconds: number) => number;

interface Given {
  readonly seconds: number;
  readonly every?: number;
  readonly pools: Readonly<Record<string, Size>>;
  readonly server?: Server | ((seconds: number) => Server);
  /** When nothing can be read. */
  readonly lost?: (seconds: number) => boolean;
  readonly session?: (application: string, i: number) => Partial<Backend>;
}

/** A history of pools that grow and shrink: each session stays the same object for as long as it is there. */
export function aHistory(given: Given): History {
  return readings(given).reduce(append, emptyHistory({ bytes: Infinity, seconds: 1800 }));
}

export function readings({ seconds, every = 2, pools, server = aServer(), lost, session }: Given): Reading[] {
  const made = new Map<string, Backend[]>();
  const out: Reading[] = [];
  for (let at = 0; at <= seconds + 1e-9; at += every) {
    if (lost?.(at) === true) {
      out.push(aGap("the network is down", at));
      continue;
    }
    const backends = Object.entries(pools).flatMap(([application, size], pool) => {
      const all = made.get(application) ?? [];
      made.set(application, all);
      const n = Math.floor(size(at) + 1e-9);
      while (all.length < n) {
        const i = all.length;
        const connectedAge = at === 0 ? 600 : -at;
        all.push(
          aBackend({
            pid: 1000 * (pool + 1) + i,
            application,
            connectedAge,
            stateAge: connectedAge,
            ...session?.(application, i),
          }),
        );
      }
      return all.slice(0, n);
    });
    out.push(aSample({ secondsLater: at, backends, server: typeof server === "function" ? server(at) : server }));
  }
  return out;
}

export function steady(n: number): Size {
  return () => n;
}

/** From so many on, as many more each minute, one at a time. */
export function leak(from: number, perMinute: number, since = 0): Size {
  return (seconds) => from + Math.max(0, ((seconds - since) * perMinute) / 60);
}

/** Another number around n every few seconds, the same in every run of the test. */
export function breathing(n: number, by: number, seed: number, everySeconds = 6): Size {
  return (seconds) => {
    const step = Math.trunc(seconds / everySeconds) + seed * 7919;
    const random = Math.abs(Math.sin(step * 12.9898) * 43_758.5453) % 1;
    return n + Math.round((random * 2 - 1) * by);
  };
}

/** Up by so many over each period, and down at once. */
export function sawTeeth(from: number, height: number, period: number): Size {
  return (seconds) => from + ((seconds % period) / period) * height;
}

export function jump(from: number, to: number, at: number): Size {
  return (seconds) => (seconds < at ? from : to);
}
