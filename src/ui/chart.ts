import type { Colour, Context, Series } from "blessed-contrib/lib/widget/charts/line.js";
import { course } from "../history/course.ts";
import type { History } from "../history/history.ts";
import type { Tone } from "../panels/line.ts";
import { lightFormat } from "date-fns/lightFormat";
import type { Area } from "./canvas.ts";
import type { Terminal } from "./terminal.ts";

/** The slots over time, drawn by blessed-contrib's line; it is loaded only where there is room for it. */
export interface SlotsChart {
  draw(area: Area | null, history: History, max: number, app: number): void;
}

const HEADROOM = 1.12;
/** Steps from 0 to max_connections on the left. */
const LABELS = 4;

export async function openSlotsChart(terminal: Terminal): Promise<SlotsChart> {
  // The whole of blessed-contrib costs 83 ms; this one widget 16.
  const { default: Line } = await import("blessed-contrib/lib/widget/charts/line.js");
  let widget: InstanceType<typeof Line> | null = null;
  let placed = "";
  let drawn = "";
  /** The colours of the words above it. */
  const colour = (tone: Tone): Colour => terminal.theme.ink(tone) ?? "normal";

  function place(area: Area, max: number): InstanceType<typeof Line> {
    const key = `${area.left},${area.top},${area.width},${area.height},${max}`;
    if (widget !== null && placed === key) return widget;
    takeAway();
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
    const created = widget;
    Object.assign(created, {
      // By itself it leaves two lines and six columns of its place empty: two dots a cell across, four down.
      calcSize: () => (created.canvasSize = { width: area.width * 2, height: area.height * 4 }),
      // It would lay its picture out anew in every frame, whatever has changed. We put it on the screen ourselves.
      render: () => {},
    });
    // The canvas exists only once the widget has a screen.
    terminal.screen.append(widget);
    broken(widget.ctx);
    wiped(widget.ctx);
    return widget;
  }

  function takeAway(): void {
    if (widget === null) return;
    widget.destroy();
    terminal.inset(null);
    widget = null;
    drawn = "";
  }

  return {
    draw(area, history, max, app) {
      if (area === null) return takeAway();
      const data = seriesOf(history, area.width, app, colour);
      const chart = place(area, max);
      // On a quiet server one second's picture is mostly the next one's as well.
      const what = JSON.stringify(data);
      if (what === drawn) return;
      drawn = what;
      chart.setData(data);
      terminal.inset({ ...area, lines: pictureOf(chart.ctx, terminal) });
    },
  };
}

function seriesOf(history: History, width: number, app: number, colour: (tone: Tone) => Colour): Series[] {
  const stretches = course(history, width);
  // The beginning alone has its time: labels that move with every sample cost more bytes than the line. (An empty label is
  // drawn as "null".)
  const times = stretches.map(({ from }, i) => (i === 0 ? lightFormat(from, "HH:mm:ss") : " "));
  const used = stretches.map(({ most }) => most?.used ?? Number.NaN);
  const idleInTransaction = stretches.map(({ most }) => most?.idleInTransaction ?? Number.NaN);
  return [
    { title: "app limit", x: times, y: times.map(() => app), style: { line: colour("aborted") } },
    { title: "idle in tx", x: times, y: idleInTransaction, style: { line: colour("idle-in-transaction") } },
    { title: "used", x: times, y: used, style: { line: colour("active") } },
  ];
}

/**
 * Lines of text and SGR. The canvas has a frame of its own that colours each dot, and blanks as well, for themselves: so many sequences cost
 * more than the rest of the picture. Where the terminal shows no dots, it keeps its shape in stars.
 */
function pictureOf({ _canvas: { content, colors, chars, width } }: Context, { dots }: Terminal): string[] {
  const cells = width / 2;
  return Array.from({ length: content.length / cells }, (_, y) => {
    let out = "";
    let current = "";
    for (let at = y * cells; at < (y + 1) * cells; at++) {
      const label = chars[at];
      const dot = content[at]!;
      const colour = label != null || dot === 0 ? "" : colors[at]!;
      if (colour !== current) out += colour === "" ? PLAIN : colour;
      current = colour;
      if (label != null) out += label.replaceAll(NO_BACKGROUND, "").replace(COLOURED_BLANK, " ");
      else out += dot === 0 ? " " : dots ? String.fromCharCode(FIRST_DOTS + dot) : "*";
    }
    return current === "" ? out : out + PLAIN;
  });
}

const PLAIN = "\u001b[39m";
/** Follows the colour of a label; for the lines of a screen a sequence says all that is wanted. */
const NO_BACKGROUND = "\u001b[49m";
const FIRST_DOTS = 0x2800;

/** A label without a text. It moves along with the samples, and to send the colour of what is not seen costs as much as a good part of the line. */
const COLOURED_BLANK = /^\u001b\[38;5;\d+m \u001b\[39m$/;

/** It is wiped as a whole. The widget would do that dot by dot, along the sides of two triangles. */
function wiped(context: Context): void {
  const { content, colors, chars } = context._canvas;
  context.clearRect = () => {
    content.fill(0);
    colors.fill(null);
    chars.fill(null);
  };
}

/** A value that is not known breaks the line: the widget alone would lead it on to the next one. */
function broken(context: Context): void {
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
