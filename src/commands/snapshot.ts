import type { Thresholds } from "../analysis/slots.ts";
import type { Conninfo } from "../connection/conninfo.ts";
import { refusal } from "../connection/refusals.ts";
import { snapshot as assess } from "../report/snapshot.ts";
import { textReport } from "../report/text.ts";
import { FailedError } from "./failure.ts";
import { logFile } from "./log-file.ts";
import { openSource } from "./open.ts";

/** One reading, assessed, on stdout. */
export async function snapshot(
  to: Conninfo,
  format: "json" | "text",
  thresholds: Thresholds,
  logTo: string | null,
): Promise<void> {
  const log = logFile(logTo);
  try {
    const { source } = await openSource(to);
    const sample = await source.read();
    source.close();
    process.stdout.write(
      format === "json" ? `${JSON.stringify(assess(sample, thresholds), null, 2)}\n` : textReport(sample, thresholds),
    );
  } catch (error) {
    log("no snapshot", error);
    throw new FailedError(refusal(error, to), { cause: error });
  }
}
