import { faultProxy } from "../servers/fault-proxy.ts";
import type { Bench, Context, Result } from "./bench.ts";
import { modulesBeforeFrame } from "./modules.ts";
import { dashboard, firstSeen, quit } from "./dashboard.ts";

/** From exec to the first frame and to the first data, on the same machine and with a slow network between. */
export const start: Bench = {
  name: "start",
  sessions: 100,
  async run(context) {
    process.stdout.write(`${await modulesBeforeFrame(context)}\n`);
    const near = await starts(context, context.server);
    const proxy = await faultProxy(context.server, { latencyMs: ROUND_TRIP_MS / 2 });
    try {
      const far = await starts(context, proxy);
      return [
        result("exec to first frame", 160, near.frame),
        result("exec to first data", 200, near.data),
        result(`exec to first frame, ${ROUND_TRIP_MS} ms away`, 160, far.frame),
        result(`exec to first data, ${ROUND_TRIP_MS} ms away`, 700, far.data),
      ];
    } finally {
      await proxy.close();
    }
  },
};

async function starts(context: Context, server: Context["server"]): Promise<{ frame: number[]; data: number[] }> {
  const times = { frame: [] as number[], data: [] as number[] };
  for (let i = 0; i < RUNS; i++) {
    const begun = performance.now();
    const terminal = dashboard(context, server);
    try {
      times.frame.push((await firstSeen(terminal, context.firstFrame)) - begun);
      times.data.push((await firstSeen(terminal, context.firstData)) - begun);
    } finally {
      await quit(terminal);
    }
  }
  return times;
}

function result(what: string, target: number, values: readonly number[]): Result {
  return { what, unit: "ms", target, values };
}

const RUNS = 15;
const ROUND_TRIP_MS = 100;
