// The dashboard's own screen(), update() and terminal in a process of its own, fed with samples that a test makes up. One
// line of JSON asks for a frame, one line answers what the panels put on it: told beside the terminal, over a socket.
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { Backend } from "../../src/model/backend.ts";
import { screen } from "../../src/panels/screen.ts";
import { layout } from "../../src/state/layout.ts";
import type { Message } from "../../src/state/message.ts";
import { visibleRows, type State } from "../../src/state/state.ts";
import { update } from "../../src/state/update.ts";
import { openTerminal } from "../../src/ui/terminal.ts";
import { aBackend, aGap, aSample, aServer, aState, pasted, press, resized, seen } from "../unit/builders.ts";

/** What the test asks for. Texts are any code units at all; JSON carries them as they are. */
export interface Ask {
  readonly columns: number;
  readonly rows: number;
  readonly backends: readonly Partial<Backend>[];
  /** Whatever else the server says of itself, or says instead of answering. */
  readonly name: string;
  readonly gap: string | null;
  readonly keys: readonly string[];
  readonly paste: string;
  /** Forget the frames before, and draw all of this one and not only what changed. */
  readonly anew: boolean;
}

export interface Answer {
  /** The texts of each line's spans, as the panels gave them. */
  readonly lines: readonly (readonly string[])[];
  readonly listed: number;
}

const [socket = "", ascii = ""] = process.argv.slice(2);
if (socket !== "") await serve(socket);

async function serve(path: string): Promise<void> {
  let state: State = aState();
  let sizeChanged = (): void => {};
  const terminal = openTerminal(
    {
      onKey: () => {},
      onMouse: () => undefined,
      onStalled: () => undefined,
      onPaste: () => {},
      onResize: () => sizeChanged(),
      onGone: () => process.exit(1),
    },
    { theme: "default", ascii: ascii === "ascii", mouse: false },
  );
  const channel = connect(path);
  for await (const line of createInterface({ input: channel })) {
    const ask = JSON.parse(line) as Ask;
    while (terminal.size().width !== ask.columns || terminal.size().height !== ask.rows) {
      await new Promise<void>((resolve) => (sizeChanged = resolve));
    }
    state = ask.anew ? aState() : { ...state, notice: null, view: aState().view };
    for (const message of messages(ask)) state = update(state, message)[0];
    const lines = screen(state);
    terminal.show(lines);
    if (ask.anew) terminal.redraw();
    else terminal.flush();
    const onList = state.view.page === "sessions";
    const listed = onList ? Math.min(visibleRows(state).all.length - state.view.top, layout(state.size).rows) : 0;
    const answer: Answer = { lines: lines.map(({ spans }) => spans.map((span) => span.text)), listed };
    channel.write(`${JSON.stringify(answer)}\n`);
  }
  terminal.close();
  process.exit(0);
}

function messages({ columns, rows, backends, name, gap, keys, paste }: Ask): Message[] {
  const limits = [{ kind: "role", name, limit: 1 } as const];
  const server = aServer({ host: name, database: name, user: name, version: `18.4 ${name}`, limits });
  return [
    resized(columns, rows),
    seen(aSample({ backends: backends.map((given) => aBackend(given)), server })),
    ...(gap === null ? [] : [seen(aGap(gap, 1))]),
    ...press(...keys),
    ...(paste === "" ? [] : [pasted(paste)]),
  ];
}
