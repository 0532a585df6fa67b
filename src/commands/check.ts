import type { Thresholds } from "../analysis/slots.ts";
import { placesOf, type Conninfo } from "../connection/conninfo.ts";
import { isForWantOfSlot } from "../connection/refusal.ts";
import { decoded, interruption, refusal } from "../connection/refusals.ts";
import type { Log } from "../log.ts";
import { checked, critical, unknown, type Check } from "../report/check.ts";
import type { Opened } from "../sampler.ts";
import { sentence } from "../sentence.ts";
import { logFile } from "./log-file.ts";
import { door } from "./open.ts";

/** One line for a monitoring system, and its exit code; in time, whatever hangs: who is killed for being late has said nothing. */
export async function check(
  to: Conninfo,
  thresholds: Thresholds,
  timeoutSeconds: number,
  logTo: string | null,
): Promise<void> {
  const log = logFile(logTo);
  // Nobody is there who could type a password.
  const entry = door(to, "never", () => Promise.resolve(null));
  let answered = false;
  const late = setTimeout(() => {
    if (!answered) answer(unknown(`timed out after ${timeoutSeconds} s: ${placesOf(to)} has not told its state`));
    process.exit();
  }, timeoutSeconds * 1000);

  function answer(result: Check): void {
    answered = true;
    process.exitCode = result.exitCode;
    process.stdout.write(`${result.line}\n`);
  }

  answer(await assessed(to, entry.open, thresholds, log));
  // A connection that does not close must not hold us either.
  late.unref();
}

async function assessed(to: Conninfo, open: () => Promise<Opened>, thresholds: Thresholds, log: Log): Promise<Check> {
  let opened: Opened;
  try {
    opened = await open();
  } catch (error) {
    log("no check", error);
    const said = sentence(refusal(error, to));
    return isForWantOfSlot(decoded(error, to).kind) ? critical(said) : unknown(said);
  }
  try {
    return checked(await opened.source.read(), thresholds);
  } catch (error) {
    log("no check", error);
    return unknown(sentence(`${placesOf(to)} let us in and gave no reading: ${interruption(error, "order")}`));
  } finally {
    opened.source.close();
  }
}
