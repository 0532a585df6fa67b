import { slots } from "../analysis/slots.ts";
import { screen } from "../panels/screen.ts";
import { chartArea } from "../panels/states.ts";
import { moment, shownHistory, type State } from "../state/state.ts";
import { openSlotsChart, type SlotsChart } from "../ui/chart.ts";
import type { Terminal } from "../ui/terminal.ts";

export interface Painter {
  now(): void;
  /** At the end of this turn of the event loop: thirty keys in one packet are one paint. */
  request(): void;
}

/** Puts what the state shows onto the terminal; the chart is loaded when there first is room for it. */
export function painter(terminal: Terminal, current: () => State, onPainted: () => void): Painter {
  let requested = false;
  let chart: SlotsChart | "loading" | null = null;

  function now(): void {
    requested = false;
    const state = current();
    terminal.show(screen(state));
    drawChart(state);
    terminal.flush();
    onPainted();
  }

  let drawn: unknown = null;
  function drawChart(state: State): void {
    const area = chartArea(state);
    const pair = moment(state);
    if (chart === null && area !== null) {
      chart = "loading";
      void openSlotsChart(terminal).then((opened) => {
        chart = opened;
        now();
      });
    }
    if (chart === null || chart === "loading" || pair === null) return;
    const what = area === null ? null : `${area.width}x${area.height} ${pair.sample.takenAt}`;
    if (what === drawn) return;
    drawn = what;
    const { max, app } = slots(pair.sample);
    chart.draw(max === null || app === null ? null : area, shownHistory(state), max ?? 0, app ?? 0);
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
