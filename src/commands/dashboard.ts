import { placesOf, type Conninfo } from "../connection/conninfo.ts";
import { interruption, refusal } from "../connection/refusals.ts";
import { slots } from "../analysis/slots.ts";
import { screen, settled } from "../panels/screen.ts";
import { chartArea } from "../panels/states.ts";
import { sampler, type Sampler } from "../sampler.ts";
import { standstill, type Standstill } from "../standstill.ts";
import type { Effect, Message } from "../state/message.ts";
import { DEFAULT_SORT, initialState, moment, shownHistory, showsTime, type State } from "../state/state.ts";
import { update } from "../state/update.ts";
import { openSlotsChart, type SlotsChart } from "../ui/chart.ts";
import { lifetime, type Lifetime } from "../ui/lifetime.ts";
import { suspension, type Suspension } from "../ui/suspension.ts";
import { unfit } from "../ui/terminal-type.ts";
import { openTerminal, type Terminal } from "../ui/terminal.ts";
import { askPassword, InterruptedError } from "../ui/password.ts";
import { logFile } from "./log-file.ts";
import { door } from "./open.ts";
import { UsageError, type DashboardOptions } from "./options.ts";

const NO_TERMINAL =
  "pgtriage: the dashboard needs a terminal for input and output; `pgtriage snapshot` prints one reading without one";

/** What must end with the dashboard: a demo server, say. */
export type Finish = () => Promise<void>;

/**
 * The dashboard: terminal, sampler and state wired to each other. Readings and keys become messages; update() answers with the
 * next state and effects; effects are done here, and what the state shows is painted, at most once per turn of the event loop.
 */
export async function dashboard(
  to: Conninfo,
  options: DashboardOptions,
  finish: Finish = () => Promise.resolve(),
): Promise<void> {
  requireTerminal();
  const log = logFile(options.log);
  const running: { terminal?: Terminal; sampler?: Sampler; still?: Standstill; job?: Suspension } = {};
  const entry = door(to, options.prompt, ask);
  await entry.prepare();
  const life = lifetime(
    () => running.terminal?.close(),
    () => {
      running.sampler?.stop();
      return finish();
    },
    () => running.job?.suspended() ?? false,
    log,
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
  let state = firstState(to, options, terminal);
  const still = standstill(
    () => dispatch({ kind: "tick", at: Date.now() }),
    () => running.sampler?.afresh(),
    (since, reason) => {
      const takenAt = Math.max(since, state.live?.sample.takenAt ?? 0);
      dispatch({ kind: "reading", reading: { kind: "gap", takenAt, reason }, at: Date.now() });
    },
  );
  running.still = still;
  const job = suspension(terminal, {
    onSuspend: still.suspend,
    onResume: () => still.resume("suspended"),
    onRefused: () => {
      still.proceed();
      dispatch({ kind: "told", text: "not suspended: there is no shell here to go back to", at: Date.now() });
    },
    onContinue: () => still.because("pgtriage was stopped"),
  });
  const painter = paintLoop(terminal, () => state);
  running.job = job;
  running.sampler = sampler({
    intervalSeconds: options.interval,
    open: entry.reopen,
    explain: (error, doing) => (doing === "connect" ? refusal(error, entry.to()) : interruption(error)),
    emit: dispatch,
    log,
  });

  function dispatch(message: Message): void {
    const [next, effects] = update(state, message);
    // A clock that ticks changes the screen only where something on it grows old.
    const same = message.kind === "tick" && !showsTime(next) && next.notice === state.notice;
    state = settled(next);
    if (same) return;
    for (const effect of effects) perform(effect, running.sampler!, terminal, job, life);
    painter.request();
  }

  /** As psql asks: on the plain terminal, which is given back for so long. */
  async function ask(question: string): Promise<string | null> {
    running.terminal?.leave();
    try {
      return await askPassword(question);
    } finally {
      running.terminal?.enter();
    }
  }

  painter.now();
  try {
    running.sampler.start(await entry.open());
  } catch (error) {
    if (error instanceof InterruptedError) return life.end(130);
    log("not connected", error);
    life.end(1, `pgtriage: ${refusal(error, entry.to())}`);
  }
}

/** Said before anything is started for a dashboard that cannot be shown. */
export function requireTerminal(): void {
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw new UsageError(NO_TERMINAL.replace("pgtriage: ", ""));
  const why = unfit(process.env);
  if (why !== null) throw new UsageError(`${why}; \`pgtriage snapshot\` prints one reading without one`);
}

function firstState(to: Conninfo, options: DashboardOptions, terminal: Terminal): State {
  const { database, user } = to;
  const { thresholds, historyCaps, filter, showIdle } = options;
  return initialState(
    { target: { place: placesOf(to), database, user }, thresholds, historyCaps },
    Date.now(),
    options.interval,
    terminal.size(),
    { filter, showIdle, sort: options.sort ?? DEFAULT_SORT, columns: options.columns, mouse: options.look.mouse },
  );
}

function perform(effect: Effect, source: Sampler, terminal: Terminal, job: Suspension, life: Lifetime): void {
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
    case "fetch-query":
      return source.fetchQuery(effect.backend);
  }
}

/** Thirty keys in one packet are one paint. */
function paintLoop(terminal: Terminal, current: () => State): { now(): void; request(): void } {
  let requested = false;
  let chart: SlotsChart | "loading" | null = null;

  function now(): void {
    requested = false;
    const state = current();
    terminal.show(screen(state));
    terminal.flush(drawChart(state));
  }

  let drawn: unknown = null;
  function drawChart(state: State): boolean {
    const area = chartArea(state);
    const pair = moment(state);
    if (chart === null && area !== null) {
      chart = "loading";
      void openSlotsChart(terminal).then((opened) => {
        chart = opened;
        now();
      });
    }
    if (chart === null || chart === "loading" || pair === null) return false;
    const what = area === null ? null : `${area.width}x${area.height} ${pair.sample.takenAt}`;
    if (what === drawn) return false;
    drawn = what;
    const { max, app } = slots(pair.sample);
    chart.draw(area, shownHistory(state), max, app);
    return true;
  }

  return {
    now,
    request() {
      if (requested) return;
      requested = true;
      setImmediate(now);
    },
  };
}
