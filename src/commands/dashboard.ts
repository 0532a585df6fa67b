import { placesOf } from "../connection/conninfo.ts";
import { isPassing } from "../connection/refusal.ts";
import { interruption } from "../connection/refusals.ts";
import { actionRecord } from "../report/action-record.ts";
import { isFresh } from "../panels/result-line.ts";
import { settled } from "../panels/screen.ts";
import { sampler, type Sampler } from "../sampler.ts";
import { standstill, type Standstill } from "../standstill.ts";
import type { Effect, Message } from "../state/message.ts";
import type { Outcome } from "../state/outcome.ts";
import { initialState, showsTime, type State } from "../state/state.ts";
import { DEFAULT_SORT } from "../state/view.ts";
import { update } from "../state/update.ts";
import { lifetime, type Lifetime } from "../ui/lifetime.ts";
import { suspension, type Suspension } from "../ui/suspension.ts";
import { showsUtf8, unfit } from "../ui/terminal-type.ts";
import { openTerminal, type Terminal } from "../ui/terminal.ts";
import { askPassword, InterruptedError } from "../ui/password.ts";
import { logFile } from "./log-file.ts";
import { door, notIn, type Roads } from "./door.ts";
import { UsageError, type DashboardOptions } from "./options.ts";
import { painter } from "./painter.ts";
import { shutOut, ShutOutError } from "./shut-out.ts";

const NO_TERMINAL =
  "pgtriage: the dashboard needs a terminal for input and output; `pgtriage snapshot` prints one reading without one";

/** What must end with the dashboard: a demo server, say. */
export type Finish = () => Promise<void>;

/**
 * The dashboard: terminal, sampler and state wired to each other. Readings and keys become messages; update() answers with the
 * next state and effects; effects are done here, and what the state shows is painted, at most once per turn of the event loop.
 */
export async function dashboard(
  roads: Roads,
  options: DashboardOptions,
  finish: Finish = () => Promise.resolve(),
): Promise<void> {
  requireTerminal();
  const log = logFile(options.log);
  const running: { terminal?: Terminal; sampler?: Sampler; still?: Standstill; job?: Suspension } = {};
  const entry = door(roads, ask);
  await entry.prepare();
  const life = lifetime(
    () => running.terminal?.close(),
    () => {
      running.sampler?.stop();
      return finish();
    },
    () => running.job?.suspended() ?? false,
    log,
    options.look.ascii || !showsUtf8(process.env),
  );

  // Node would print its warnings across the screen.
  process.removeAllListeners("warning");
  process.on("warning", (warning) => log("warning", warning));

  const terminal = openTerminal(
    {
      onKey: (key) => dispatch({ kind: "key", key, at: Date.now() }),
      onPaste: (text) => dispatch({ kind: "paste", text, at: Date.now() }),
      onMouse: (report) => dispatch({ kind: "mouse", ...report, at: Date.now() }),
      onResize: (width, height) => dispatch({ kind: "resize", width, height, at: Date.now() }),
      onStalled: (ms) => running.still?.stood(ms, "the terminal stood still, and pgtriage with it,"),
      onGone: () => life.end(129),
    },
    options.look,
  );
  running.terminal = terminal;
  let state: State = { ...firstState(roads, options, terminal), unpictured: true };
  let timesStood = 0;
  let toldOfLog = false;
  let watching = false;
  const still = standstill(
    () => dispatch({ kind: "tick", at: Date.now() }),
    () => {
      timesStood++;
      running.sampler?.afresh();
    },
    (since, reason) => {
      const takenAt = Math.max(since, state.live?.sample.takenAt ?? 0);
      dispatch({ kind: "reading", reading: { kind: "gap", takenAt, reason }, at: Date.now() });
    },
  );
  running.still = still;
  const job = suspension(terminal, {
    onSuspend: () => {
      running.sampler?.hold();
      still.suspend();
    },
    onResume: () => still.resume("suspended"),
    onRefused: () => {
      still.proceed();
      dispatch({ kind: "told", text: "not suspended: there is no shell here to go back to", at: Date.now() });
    },
    onContinue: () => still.because("pgtriage was stopped"),
  });
  const paint = painter(
    terminal,
    () => state,
    () => {
      // A question needs to know when it was first seen, and what the first picture has put off may be done after it.
      if (state.dialog?.paintedAt === null || (state.unpictured && state.live !== null))
        dispatch({ kind: "painted", at: Date.now() });
    },
  );
  running.job = job;
  running.sampler = sampler({
    intervalSeconds: options.interval,
    open: entry.open,
    better: entry.better,
    notIn,
    explain: interruption,
    emit: dispatch,
    log,
  });

  function dispatch(message: Message): void {
    const [next, effects] = update(state, message);
    // A clock that ticks changes the screen only where something on it grows old.
    const same =
      message.kind === "tick" && !showsTime(next) && next.notice === state.notice && isFresh(next) === isFresh(state);
    state = settled(next);
    for (const effect of effects) {
      // Without a key that acts there is no order; were there one, it would end here.
      if (effect.kind === "signal" && options.readOnly) continue;
      // What is known until now is the last that will be: who looks at the trail later must find it there.
      if (effect.kind === "quit") for (const one of state.outcomes) if (one.phase !== "over") record(one);
      if (effect.kind === "record") record(effect.outcome);
      else if (effect.kind === "copy") copy(effect.text);
      else if (effect.kind === "take-last-place") {
        entry.takeLastPlace();
        running.sampler!.enter();
      } else perform(effect, running.sampler!, terminal, job, life);
    }
    if (!same) paint.request();
  }

  /** A trail with a hole in it is no reason not to act at three in the morning, but one to know of it. */
  function record(outcome: Outcome): void {
    if (log.record(actionRecord(outcome)) || toldOfLog) return;
    toldOfLog = true;
    const text = `the log file cannot be written: ${outcome.order.typed} is not in it, nor what follows`;
    dispatch({ kind: "told", text, at: Date.now() });
  }

  function copy(text: string): void {
    if (terminal.copy(text)) return;
    const why = "nothing copied: this terminal has no clipboard that pgtriage can reach";
    dispatch({ kind: "told", text: why, at: Date.now() });
  }

  /** As psql asks: on the plain terminal, which is given back for so long. */
  async function ask(question: string): Promise<string | null> {
    running.terminal?.leave();
    try {
      return await askPassword(question);
    } catch (error) {
      // In the middle of a watch it is the question that is given up, and not the picture behind it.
      if (watching && error instanceof InterruptedError) return null;
      throw error;
    } finally {
      running.terminal?.enter();
    }
  }

  function watch(first: Parameters<Sampler["start"]>[0]): void {
    watching = true;
    running.sampler!.start(first);
  }

  paint.now();
  for (;;) {
    const before = timesStood;
    try {
      return watch(await entry.open(true));
    } catch (error) {
      if (error instanceof InterruptedError) return life.end(error.code);
      log("not connected", error);
      // The driver's clock went on while we did not: that was no answer of the server's.
      if (timesStood !== before) continue;
      if (!(error instanceof ShutOutError)) throw error;
      // Who is woken by a full server stays; who has mistyped something had better hear of it at once.
      const { refusal, closed, lastPlace } = error;
      if (isPassing(refusal.kind) || lastPlace || closed.some(({ forWantOfSlot }) => forWantOfSlot))
        return watch({ failed: error });
      return life.end(1, `pgtriage: ${shutOut(error)}`);
    }
  }
}

/** Said before anything is started for a dashboard that cannot be shown. */
export function requireTerminal(): void {
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw new UsageError(NO_TERMINAL.replace("pgtriage: ", ""));
  const why = unfit(process.env);
  if (why !== null) throw new UsageError(`${why}; \`pgtriage snapshot\` prints one reading without one`);
}

function firstState({ to, lane }: Roads, options: DashboardOptions, terminal: Terminal): State {
  const { database, user } = to;
  const { thresholds, historyCaps, filter, showIdle, readOnly, protect } = options;
  return initialState(
    {
      target: { place: placesOf(to), database, user },
      thresholds,
      historyCaps,
      readOnly,
      protect,
      chosenLane: lane === "auto" ? null : lane,
    },
    Date.now(),
    options.interval,
    terminal.size(),
    {
      filter,
      showIdle,
      tab: options.tab,
      sort: options.sort ?? DEFAULT_SORT,
      columns: options.columns,
      mouse: options.look.mouse,
    },
  );
}

function perform(
  effect: Exclude<Effect, { kind: "record" | "copy" | "take-last-place" }>,
  source: Sampler,
  terminal: Terminal,
  job: Suspension,
  life: Lifetime,
): void {
  switch (effect.kind) {
    case "quit":
      return life.end(0);
    case "redraw":
      return terminal.redraw();
    case "suspend":
      return job.suspend();
    case "mouse":
      return terminal.setMouse(effect.on);
    case "interval":
      return source.setInterval(effect.seconds);
    case "watch":
      return source.watch(effect.watch);
    case "fetch-query":
      return source.fetchQuery(effect.backend);
    case "fetch-holdings":
      return source.fetchHoldings(effect.backend);
    case "fetch-dead-tuples":
      return source.fetchDeadTuples();
    case "hurry":
      return source.hurry(effect.seconds);
    case "enter":
      return source.enter();
    case "signal":
      return source.signal(effect.order);
  }
}
