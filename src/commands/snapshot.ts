import type { Thresholds } from "../analysis/slots.ts";
import type { Conninfo } from "../connection/conninfo.ts";
import { refusal } from "../connection/refusals.ts";
import { snapshot as assess } from "../report/snapshot.ts";
import { textReport } from "../report/text.ts";
import { visibleJson } from "../text/json.ts";
import { askPassword, InterruptedError } from "../ui/password.ts";
import { door, type Prompt } from "./open.ts";

/** Could not be done, for a reason outside of us: one sentence on stderr, exit 1. */
export class FailedError extends Error {}

/** One reading, assessed, on stdout. */
export async function snapshot(
  to: Conninfo,
  prompt: Prompt,
  format: "json" | "text",
  thresholds: Thresholds,
): Promise<void> {
  const entry = door(to, prompt, askPassword);
  await entry.prepare();
  try {
    const { source } = await entry.open();
    const sample = await source.read();
    source.close();
    process.stdout.write(
      format === "json" ? `${visibleJson(assess(sample, thresholds), 2)}\n` : textReport(sample, thresholds),
    );
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    throw new FailedError(refusal(error, entry.to()), { cause: error });
  }
}
