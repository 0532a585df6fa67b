import type { Colour } from "blessed-contrib/lib/widget/charts/line.js";
import { course } from "../history/course.ts";
import type { History } from "../history/history.ts";
import type { Tone } from "../panels/line.ts";
import { lightFormat } from "date-fns/lightFormat";
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
  /** The colours of the words above it. */
  const colour = (tone: Tone): Colour => terminal.theme.ink(tone) ?? "normal";

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
      style: { line: "normal", text: colour("muted"), baseline: colour("muted") },
    });
    // By itself it leaves two lines and six columns of its place empty: two dots a cell across, four down.
    const created = widget;
    created.calcSize = () => {
      created.canvasSize = { width: area.width * 2, height: area.height * 4 };
    };
    plain(created, terminal);
    // The canvas exists only once the widget has a screen.
    terminal.screen.append(widget);
    broken(widget.ctx);
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
      const stretches = course(history, area.width);
      // The beginning alone has its time: labels that move with every sample cost more bytes than the line. (An empty label is
      // drawn as "null".)
      const times = stretches.map(({ from }, i) => (i === 0 ? lightFormat(from, "HH:mm:ss") : " "));
      const used = stretches.map(({ most }) => most?.used ?? Number.NaN);
      const idleInTransaction = stretches.map(({ most }) => most?.idleInTransaction ?? Number.NaN);
      place(area, max).setData([
        { title: "app limit", x: times, y: times.map(() => app), style: { line: colour("aborted") } },
        { title: "idle in tx", x: times, y: idleInTransaction, style: { line: colour("idle-in-transaction") } },
        { title: "used", x: times, y: used, style: { line: colour("active") } },
      ]);
    },
  };
}

/** Where the terminal shows no dots, the widget's picture keeps its shape in stars. */
function plain(widget: { setContent(text: string): void }, { dots }: Terminal): void {
  if (dots) return;
  const set = widget.setContent.bind(widget);
  widget.setContent = (text) => set(text.replace(/[\u2801-\u28ff]/g, "*").replace(/\u2800/g, " "));
}

/** A value that is not known breaks the line: the widget alone would lead it on to the next one. */
function broken(context: { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void }): void {
  const lineTo = context.lineTo.bind(context);
  let unknown = false;
  context.lineTo = (x, y) => {
    if (!Number.isNaN(y)) {
      if (unknown) context.moveTo(x, y);
      lineTo(x, y);
    }
    unknown = Number.isNaN(y);
  };
}
