import type { Thresholds } from "../analysis/slots.ts";
import type { Conninfo } from "../connection/conninfo.ts";
import { refusal } from "../connection/refusals.ts";
import { snapshot as assess } from "../report/snapshot.ts";
import { textReport } from "../report/text.ts";
import { visibleJson } from "../text/json.ts";
import { openSource } from "./open.ts";

/** Could not be done, for a reason outside of us: one sentence on stderr, exit 1. */
export class FailedError extends Error {}

/** One reading, assessed, on stdout. */
export async function snapshot(to: Conninfo, format: "json" | "text", thresholds: Thresholds): Promise<void> {
  try {
    const { source } = await openSource(to);
    const sample = await source.read();
    source.close();
    process.stdout.write(
      format === "json" ? `${visibleJson(assess(sample, thresholds), 2)}\n` : textReport(sample, thresholds),
    );
  } catch (error) {
    throw new FailedError(refusal(error, to), { cause: error });
  }
}
