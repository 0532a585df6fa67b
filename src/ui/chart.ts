import { lightFormat } from "date-fns/lightFormat";
import type { History } from "../history/history.ts";
import type { Terminal } from "./terminal.ts";

export interface ChartArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The slots over time, drawn by blessed-contrib's line; it is loaded only where there is room for it. */
export interface SlotsChart {
  draw(area: ChartArea | null, history: History, max: number, app: number): void;
}

const HEADROOM = 1.12;
/** Steps from 0 to max_connections on the left. */
const LABELS = 4;

export async function openSlotsChart(terminal: Terminal): Promise<SlotsChart> {
  // The whole of blessed-contrib costs 83 ms; this one widget 16.
  const { default: Line } = await import("blessed-contrib/lib/widget/charts/line.js");
  let widget: InstanceType<typeof Line> | null = null;
  let placed = "";

  function place(area: ChartArea, max: number): InstanceType<typeof Line> {
    const key = `${area.left},${area.top},${area.width},${area.height},${max}`;
    if (widget !== null && placed === key) return widget;
    widget?.destroy();
    terminal.invalidate();
    placed = key;
    widget = new Line({
      ...area,
      tags: false,
      wholeNumbersOnly: true,
      showLegend: false,
      minY: 0,
      // The widget clips what is nearer to its top than this.
      maxY: max * HEADROOM,
      numYLabels: LABELS * HEADROOM,
      xLabelPadding: 2,
      xPadding: 3,
      style: { line: "white", text: "white", baseline: "white" },
    });
    // By itself it leaves two lines and six columns of its place empty: two dots a cell across, four down.
    const created = widget;
    created.calcSize = () => {
      created.canvasSize = { width: area.width * 2, height: area.height * 4 };
    };
    plain(created, terminal);
    // The canvas exists only once the widget has a screen.
    terminal.screen.append(widget);
    return widget;
  }

  return {
    draw(area, history, max, app) {
      if (area === null) {
        if (widget === null) return;
        widget.destroy();
        terminal.invalidate();
        widget = null;
        return;
      }
      const { times, used, idleInTransaction } = points(history, area.width);
      const colour = (name: string): string => (terminal.depth === 0 ? "white" : name);
      place(area, max).setData([
        { title: "app limit", x: times, y: times.map(() => app), style: { line: colour("red") } },
        { title: "idle in tx", x: times, y: idleInTransaction, style: { line: colour("yellow") } },
        { title: "used", x: times, y: used, style: { line: colour("green") } },
      ]);
    },
  };
}

/** Where the terminal shows no colours or no dots, the widget's picture keeps its shape without them. */
function plain(widget: { setContent(text: string): void }, { depth, ascii }: Terminal): void {
  if (depth !== 0 && !ascii) return;
  const set = widget.setContent.bind(widget);
  widget.setContent = (text) => {
    const grey = depth === 0 ? text.replace(/\u001b\[[\d;]*m/g, "") : text;
    set(ascii ? grey.replace(/[\u2801-\u28ff]/g, "*").replace(/\u2800/g, " ") : grey);
  };
}

/**
 * At most so many points, by time: the largest value of each stretch, so that a short peak is not averaged away. A stretch
 * without a sample repeats nothing: it is left out.
 */
function points(history: History, most: number): { times: string[]; used: number[]; idleInTransaction: number[] } {
  const step = Math.max(1, Math.ceil(history.entries.length / most));
  const times: string[] = [];
  const used: number[] = [];
  const idleInTransaction: number[] = [];
  for (let i = 0; i < history.entries.length; i += step) {
    const tallies = history.entries.slice(i, i + step).flatMap((entry) => (entry.tally === null ? [] : [entry.tally]));
    if (tallies.length === 0) continue;
    // The beginning alone has its time: labels that move with every sample cost more bytes than the line. (An empty label is
    // drawn as "null".)
    times.push(times.length === 0 ? lightFormat(history.entries[i]!.reading.takenAt, "HH:mm:ss") : " ");
    used.push(Math.max(...tallies.map((tally) => tally.used)));
    idleInTransaction.push(Math.max(...tallies.map((tally) => tally.idleInTransaction)));
  }
  return { times, used, idleInTransaction };
}
