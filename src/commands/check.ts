import type { Thresholds } from "../analysis/slots.ts";
import { placesOf } from "../connection/conninfo.ts";
import { interruption } from "../connection/refusals.ts";
import type { Log } from "../log.ts";
import type { ClosedLane } from "../model/lane.ts";
import { findingsOf } from "../report/assessed.ts";
import { checked, critical, unknown, type Check } from "../report/check.ts";
import type { Opened } from "../way-in.ts";
import { sentence } from "../sentence.ts";
import { door, type Roads } from "./door.ts";
import { logFile } from "./log-file.ts";
import { shutOut, ShutOutError } from "./shut-out.ts";

/** One line for a monitoring system, and its exit code; in time, whatever hangs: who is killed for being late has said nothing. */
export async function check(
  roads: Roads,
  thresholds: Thresholds,
  timeoutSeconds: number,
  logTo: string | null,
): Promise<void> {
  const log = logFile(logTo);
  // Nobody is there who could type a password.
  const ask = (): Promise<null> => Promise.resolve(null);
  let refused: ClosedLane | null = null;
  const entry = door({ ...roads, prompt: "never" }, ask, (closed) => {
    if (closed.forWantOfSlot) refused ??= closed;
  });
  const place = placesOf(roads.to);
  let answered = false;
  const late = setTimeout(() => {
    if (!answered) answer(tooLate(refused));
    process.exit();
  }, timeoutSeconds * 1000);

  /** Who was refused for want of a slot knows that, however long another lane keeps silent. */
  function tooLate(closed: ClosedLane | null): Check {
    if (closed !== null) return critical(sentence(`${closed.why} (no other lane within ${timeoutSeconds} s)`));
    return unknown(`timed out after ${timeoutSeconds} s: ${place} has not told its state`);
  }

  function answer(result: Check): void {
    answered = true;
    process.exitCode = result.exitCode;
    process.stdout.write(`${result.line}\n`);
  }

  answer(await assessed(place, () => entry.open(false), thresholds, log));
  // A connection that does not close must not hold us either.
  late.unref();
}

async function assessed(place: string, open: () => Promise<Opened>, thresholds: Thresholds, log: Log): Promise<Check> {
  let opened: Opened;
  try {
    opened = await open();
  } catch (error) {
    log("no check", error);
    if (!(error instanceof ShutOutError)) throw error;
    const said = sentence(shutOut(error));
    return error.closed.some(({ forWantOfSlot }) => forWantOfSlot) ? critical(said) : unknown(said);
  }
  try {
    const sample = await opened.source.read();
    const refused = opened.closed.find(({ forWantOfSlot }) => forWantOfSlot);
    const why = refused === undefined ? null : sentence(refused.why);
    return checked(sample, thresholds, why, findingsOf(sample, thresholds));
  } catch (error) {
    log("no check", error);
    return unknown(sentence(`${place} let us in and gave no reading: ${interruption(error, "order")}`));
  } finally {
    opened.source.close();
  }
}
