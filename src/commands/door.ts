import { ConnectError } from "../connection/connect.ts";
import type { Conninfo } from "../connection/conninfo.ts";
import { placeOf, type Host } from "../connection/hosts.ts";
import { isForWantOfSlot, isPassing, told, type Refusal } from "../connection/refusal.ts";
import { decoded } from "../connection/refusals.ts";
import { PasswordWantedError } from "../connection/session.ts";
import { LANES, speaksSql, type ClosedLane, type Lane } from "../model/lane.ts";
import type { Refused } from "../model/server.ts";
import type { NotIn, Opened } from "../way-in.ts";
import { openSource } from "./open.ts";
import { InterruptedError } from "../ui/password.ts";
import { NoLaneError, ShutOutError } from "./shut-out.ts";
import { LastPlaceError, openWalsender } from "./walsender-lane.ts";

/** Asks the user for the password; null when nobody can be asked. */
export type Ask = (question: string) => Promise<string | null>;

/** When to ask: as the server wants one, before it is even tried (-W), or never (-w). */
export type Prompt = "when-asked" | "always" | "never";

/** All lanes in their order, or this one and no other. */
export type LaneChoice = "auto" | Lane;

/** Where to go in. */
export interface Roads {
  readonly to: Conninfo;
  /** What --rescue names. */
  readonly rescue: Conninfo | null;
  readonly lane: LaneChoice;
  readonly prompt: Prompt;
}

/** Connects, and makes a source of the session. Remembers a password that was typed, so that it is asked for only once a run. */
export interface Door {
  /** Asks for the password that -W wants, before anything else is shown. */
  prepare(): Promise<void>;
  /**
   * By the first lane that lets us in. Nobody is asked for a password in the middle of a watch, unless they want to be.
   *
   * @throws ShutOutError
   */
  open(mayAsk: boolean): Promise<Opened>;
  /** By a lane above this one; null when one lane was chosen, and is stayed in. @throws ShutOutError */
  readonly better: ((than: Lane) => Promise<Opened>) | null;
  /** Until a normal slot has been free, the last walsender place may be taken. */
  takeLastPlace(): void;
}

/** @param onClosed hears of each lane that does not let us in, as soon as it is known */
export function door(roads: Roads, ask: Ask, onClosed: (closed: ClosedLane) => void = () => undefined): Door {
  const { rescue, prompt, lane: choice } = roads;
  let { to } = roads;
  // Whoever chooses that lane has been told what it is.
  let mayTakeLast = choice === "walsender";

  async function typed(host: Host, again: string): Promise<boolean> {
    const password = await ask(`${again}Password for role ${to.user} on ${placeOf(host)}: `);
    if (password === null) return false;
    to = { ...to, password: password === "" ? null : password, passwordFrom: "your typing" };
    return true;
  }

  /** As the user asked for, and asking the user for what is missing. */
  async function normal(mayAsk: boolean): Promise<Opened> {
    let tries = prompt === "never" || !mayAsk ? 0 : prompt === "always" ? TRIES - 1 : TRIES;
    for (;;) {
      try {
        return await openSource(to);
      } catch (error) {
        const last = error instanceof ConnectError ? error.failures.at(-1)! : null;
        const wanted = last?.error instanceof PasswordWantedError;
        const refused = isWrongPassword(last?.error) && (to.passwordFrom === "your typing" || askedAgain(mayAsk));
        if (last === null || !(wanted || refused) || tries-- === 0) throw error;
        const again = tries === 0 ? "Wrong password, the last try. " : "Wrong password. ";
        if (!(await typed(last.host, refused ? again : ""))) throw error;
      }
    }
  }

  let opens = 0;
  /** In the middle of a watch, somebody who asks for another try has heard that the password is wrong, wherever it came from. */
  const askedAgain = (mayAsk: boolean): boolean => mayAsk && opens > 1;

  /** A rescue password that is wrong does not get right by itself, and who tries it too often is locked out. */
  let rescueWrong: { readonly error: unknown; readonly until: number } | null = null;

  async function throughRescue(as: Conninfo, mayAsk: boolean): Promise<Opened> {
    if (rescue === null) throw new NoLaneError("There is no rescue lane without --rescue CONNINFO.");
    if (rescueWrong !== null && !mayAsk && performance.now() < rescueWrong.until) throw rescueWrong.error;
    try {
      const opened = await openSource(as, "rescue");
      rescueWrong = null;
      return opened;
    } catch (error) {
      const wrong = error instanceof ConnectError && error.failures.some((failure) => isWrongPassword(failure.error));
      rescueWrong = wrong ? { error, until: performance.now() + WRONG_MS } : null;
      throw error;
    }
  }

  /** Each way in: a lane, and as whom. */
  function ways(lanes: readonly Lane[]): readonly Way[] {
    return lanes.flatMap((lane): readonly Way[] => {
      if (lane === "rescue") return rescue === null && choice !== "rescue" ? [] : [{ lane, as: rescue ?? to }];
      if (lane === "walsender" && rescue !== null)
        return [
          { lane, as: to },
          { lane, as: rescue },
        ];
      return [{ lane, as: to }];
    });
  }

  /** Goes down the lanes; what each says is kept for the next ones to go by, and for the user. */
  async function descend(lanes: readonly Lane[], mayAsk: boolean): Promise<Opened> {
    const closed: ClosedLane[] = [];
    let first: { readonly refusal: Refusal; readonly error: unknown } | null = null;
    let lastPlace = false;
    /** What the other road said: it may lead to the server itself where ours ends at a pooler. */
    let rescued: Refusal | null = null;
    for (const way of ways(lanes)) {
      const said = way.lane === "walsender" && way.as === rescue ? (rescued ?? first?.refusal) : first?.refusal;
      if (said !== undefined && !helps(way.lane, said)) continue;
      try {
        return { ...(await through(way, mayAsk, refusedBy(first?.refusal))), closed, lastPlace };
      } catch (error) {
        if (error instanceof InterruptedError) throw error;
        const refusal = refusalOf(error, way.lane === "normal" ? { ...way, as: to } : way);
        first ??= { refusal, error };
        if (way.lane === "rescue") rescued = refusal;
        lastPlace ||= error instanceof LastPlaceError;
        closed.push({ lane: way.lane, why: told(refusal), forWantOfSlot: isForWantOfSlot(refusal.kind) });
        onClosed(closed.at(-1)!);
      }
    }
    throw new ShutOutError(closed, first!.refusal, lastPlace, first!.error);
  }

  async function through({ lane, as }: Way, mayAsk: boolean, refused: Refused): Promise<Opened> {
    switch (lane) {
      case "normal": {
        const opened = await normal(mayAsk);
        // It was given until a normal slot is free.
        mayTakeLast = choice === "walsender";
        return opened;
      }
      case "rescue":
        return throughRescue(as, mayAsk);
      case "walsender":
        return openWalsender(as, mayTakeLast);
      case "host": {
        // Loaded only here: the way in is another one as a rule.
        const { openHost } = await import("./host-lane.ts");
        // Where ours ends at a pooler, the other road may lead to the server.
        return openHost([...as.hosts, ...(rescue?.hosts ?? [])], refused);
      }
    }
  }

  return {
    async prepare() {
      if (prompt === "always") await typed(to.hosts[0]!, "");
    },
    open(mayAsk) {
      opens++;
      return descend(choice === "auto" ? LANES : [choice], mayAsk);
    },
    better: choice === "auto" ? (than) => descend(than === "host" ? SQL_LANES : ["normal"], false) : null,
    takeLastPlace() {
      mayTakeLast = true;
    },
  };
}

interface Way {
  readonly lane: Lane;
  readonly as: Conninfo;
}

const SQL_LANES: readonly Lane[] = LANES.filter(speaksSql);

/** Asked, and asked once more when it was wrong. */
const TRIES = 2;

const WRONG_MS = 60_000;

/** Whether this lane may be open where the first one has been refused so. */
function helps(lane: Lane, { kind }: Refusal): boolean {
  // Another role, or another road: good against anything.
  if (lane === "rescue") return true;
  // Half-open connections keep it out as well.
  if (lane === "walsender") return isForWantOfSlot(kind) && kind !== "half-open";
  // Who may not see by SQL what there is does not get to see it behind the server's back unasked.
  return isPassing(kind);
}

function refusalOf(error: unknown, { lane, as }: Way): Refusal {
  if (error instanceof LastPlaceError)
    return other(`Only the last of ${error.max} walsender places would let us in; a standby or a backup may need it.`);
  if (error instanceof NoLaneError) return other(error.message);
  return decoded(error, lane === "walsender" ? { ...as, replication: "database" } : as);
}

/** Whom a refusal is about: a limit of our own role or database is nobody else's. */
function refusedBy(refusal: Refusal | undefined): Refused {
  switch (refusal?.kind) {
    case "every-slot":
    case "half-open":
      return "everybody";
    case "app-slots":
    case "reserved-slots":
      return "ordinary roles";
    default:
      return null;
  }
}

function other(sentence: string): Refusal {
  return { kind: "other", sentence, stillIn: null };
}

function isWrongPassword(error: unknown): boolean {
  return (error as { code?: string } | undefined)?.code === "28P01";
}

/** What the sampling loop has to know of an error of open() or better(). */
export function notIn(error: unknown): NotIn {
  if (!(error instanceof ShutOutError)) throw error;
  const { closed, refusal, lastPlace } = error;
  return { reason: closed[0]?.why ?? refusal.sentence, closed, lastPlace, wrongPassword: refusal.kind === "password" };
}
