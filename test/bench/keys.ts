import { setTimeout as pause } from "node:timers/promises";
import { faultProxy } from "../servers/fault-proxy.ts";
import type { Bench, Context, Result } from "./bench.ts";
import { dashboard, quit, READY_MS } from "./dashboard.ts";

/** From a key to the first byte of the answer, near and with a slow network between: that must make no difference. */
export function keys(sessions: number): Bench {
  const what = `key to repaint, ${sessions.toLocaleString("en")} backends`;
  return {
    name: `keys-${sessions}`,
    sessions,
    async run(context) {
      const near = await presses(context, context.server);
      const proxy = await faultProxy(context.server, { latencyMs: ROUND_TRIP_MS / 2 });
      try {
        const far = await presses(context, proxy);
        proxy.set({ latencyMs: 0 });
        const frozen = await presses(context, proxy, () => proxy.set({ blackHole: true }));
        return [
          result(what, near),
          result(`${what}, ${ROUND_TRIP_MS} ms away`, far),
          { ...result(`${what}, network frozen`, frozen), target: FROZEN_TARGET_MS },
        ];
      } finally {
        await proxy.close();
      }
    },
  };
}

/** @param before what happens to the network once there is something on the screen */
async function presses(
  context: Context,
  server: Pick<Context["server"], "host" | "port">,
  before: () => void = () => {},
): Promise<number[]> {
  const terminal = dashboard(context, server);
  try {
    await terminal.waitFor(context.firstData, READY_MS);
    before();
    const times: number[] = [];
    for (let i = 0; i < PRESSES; i++) {
      // Not in step with the refreshes, and never while one is being painted: its bytes would be taken for the answer.
      await pause(Math.random() * 200);
      await terminal.waitStill(STILL_MS, 5_000);
      const answer = terminal.nextOutput();
      const typed = performance.now();
      terminal.type("j");
      const at = await answer;
      if (at === null) throw new Error(`no answer to the key j within 5 s; the screen:\n${terminal.text()}`);
      times.push(at - typed);
    }
    return times;
  } finally {
    await quit(terminal);
  }
}

function result(what: string, values: readonly number[]): Result {
  return { what, unit: "ms", target: 15, values };
}

const PRESSES = 30;
const FROZEN_TARGET_MS = 20;
const STILL_MS = 60;
const ROUND_TRIP_MS = 100;
