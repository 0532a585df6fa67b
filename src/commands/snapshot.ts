import { setTimeout as pause } from "node:timers/promises";
import type { Thresholds } from "../analysis/slots.ts";
import { placesOf } from "../connection/conninfo.ts";
import { interruption } from "../connection/refusals.ts";
import { snapshot as assess } from "../report/snapshot.ts";
import { textReport } from "../report/text.ts";
import { visibleJson } from "../text/json.ts";
import { askPassword, InterruptedError } from "../ui/password.ts";
import { FailedError } from "./failure.ts";
import { logFile } from "./log-file.ts";
import { door, type Roads } from "./door.ts";
import { shutOut, ShutOutError } from "./shut-out.ts";

/** Between two looks at the processors. */
const LOOK_MS = 250;

/** One reading, assessed, on stdout. */
export async function snapshot(
  roads: Roads,
  format: "json" | "text",
  thresholds: Thresholds,
  logTo: string | null,
): Promise<void> {
  const log = logFile(logTo);
  const entry = door(roads, askPassword);
  await entry.prepare();
  try {
    const { source, closed } = await entry.open(true);
    // What processes take is what they have taken since they were looked at before.
    await source.read({ brief: true, usage: true });
    await pause(LOOK_MS);
    const sample = await source.read({ workings: true, usage: "complete" });
    source.close();
    process.stdout.write(
      format === "json"
        ? `${visibleJson(assess(sample, thresholds, closed), 2)}\n`
        : textReport(sample, thresholds, closed),
    );
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    log("no snapshot", error);
    throw new FailedError(whyNot(error, roads), { cause: error });
  }
}

function whyNot(error: unknown, { to }: Roads): string {
  if (error instanceof ShutOutError) return shutOut(error);
  return `${placesOf(to)} let us in and gave no reading: ${interruption(error, "order")}.`;
}
