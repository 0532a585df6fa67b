import { afterEach, describe, expect, test } from "vitest";
import { Terminal, type TerminalOptions } from "./terminal.ts";

// The other tests of this folder believe what the rig says they see. These show that it can be believed.

let terminal: Terminal;

afterEach(() => terminal.close());

function run(program: string, options: TerminalOptions = {}): Terminal {
  terminal = new Terminal(process.execPath, ["-e", program], options);
  return terminal;
}

function print(text: string): string {
  return `process.stdout.write(${JSON.stringify(text)});`;
}

const STAY = "process.stdin.resume(); setInterval(() => {}, 1000);";

describe("what is on the screen", () => {
  test("text, row by row, without trailing spaces", async () => {
    run(print("one  \r\n  two\r\n"));
    await terminal.waitFor(/two/);
    expect(terminal.lines()).toHaveLength(24);
    expect(terminal.lines().slice(0, 3)).toEqual(["one", "  two", ""]);
  });

  test("palette colours, true colours and the terminal's own", async () => {
    run(print("\x1b[31ma\x1b[38;5;214;48;5;160mb\x1b[38;2;255;135;0mc\x1b[0md"));
    await terminal.waitFor(/abcd/);
    expect([0, 1, 2, 3].map((x) => terminal.cell(x, 0)).map(({ fg, bg }) => [fg, bg])).toEqual([
      [1, null],
      [214, 160],
      ["#ff8700", 160],
      [null, null],
    ]);
  });

  test("bold, underline and inverse", async () => {
    run(print("\x1b[1mB\x1b[0;4mU\x1b[0;7mI\x1b[0m."));
    await terminal.waitFor(/BUI\./);
    const flags = [0, 1, 2, 3].map((x) => terminal.cell(x, 0));
    expect(flags.map((cell) => cell.bold)).toEqual([true, false, false, false]);
    expect(flags.map((cell) => cell.underline)).toEqual([false, true, false, false]);
    expect(flags.map((cell) => cell.inverse)).toEqual([false, false, true, false]);
  });

  test("CJK and emoji take two cells", async () => {
    run(print("日✅x"));
    await terminal.waitFor(/x/);
    expect([0, 1, 2, 3, 4].map((x) => terminal.cell(x, 0)).map(({ chars, width }) => [chars, width])).toEqual([
      ["日", 2],
      ["", 0],
      ["✅", 2],
      ["", 0],
      ["x", 1],
    ]);
  });

  test("a cell outside the screen is an error, not an empty cell", () => {
    run(STAY, { columns: 20, rows: 5 });
    expect(() => terminal.cell(20, 0)).toThrow("no cell 20,0 on a screen of 20x5");
  });
});

describe("the state of the terminal", () => {
  test("alternate screen, cursor, mouse and paste mode, and back", async () => {
    run(
      print("\x1b[?1049h\x1b[?25l\x1b[?1002h\x1b[?2004hinside") +
        `process.stdin.once("data", () => { ${print("\x1b[?2004l\x1b[?1002l\x1b[?25h\x1b[?1049loutside")} });`,
    );
    await terminal.waitFor(/inside/);
    expect(modes()).toEqual({ alternate: true, cursorVisible: false, mouseTracking: "drag", bracketedPaste: true });
    terminal.type("\n");
    await terminal.waitFor(/outside/);
    expect(modes()).toEqual({ alternate: false, cursorVisible: true, mouseTracking: "none", bracketedPaste: false });
  });

  test("the window title", async () => {
    run(print("\x1b]0;pgtriage shop\x07done"));
    await terminal.waitFor(/done/);
    expect(terminal.title).toBe("pgtriage shop");
  });

  test("a resize reaches the program and the screen", async () => {
    const size = "process.stdout.write(process.stdout.columns + 'x' + process.stdout.rows + '\\r\\n');";
    run(`${size} process.stdout.on("resize", () => { ${size} }); ${STAY}`, { columns: 40, rows: 10 });
    await terminal.waitFor(/40x10/);
    terminal.resize(100, 30);
    await terminal.waitFor(/100x30/);
    expect(terminal.lines()).toHaveLength(30);
    expect([terminal.columns, terminal.rows]).toEqual([100, 30]);
  });

  function modes() {
    const { alternate, cursorVisible, mouseTracking, bracketedPaste } = terminal;
    return { alternate, cursorVisible, mouseTracking, bracketedPaste };
  }
});

describe("the program", () => {
  test("is typed to, by text and by name of key", async () => {
    const echo = "process.stdin.on('data', (d) => console.log(JSON.stringify(String(d))))";
    run(`process.stdin.setRawMode(true); ${echo}; console.log("ready");`);
    await terminal.waitFor(/ready/);
    terminal.type("terminate 30412");
    await terminal.waitFor(/"terminate 30412"/);
    terminal.press("Down");
    await terminal.waitFor(/"\\u001b\[B"/);
    terminal.press("Ctrl-C");
    await terminal.waitFor(/"\\u0003"/);
    terminal.press("j");
    await terminal.waitFor(/"j"/);
  });

  test("ends with its exit code", async () => {
    run("process.exit(3)");
    expect(await terminal.waitExit()).toEqual({ code: 3, signal: 0 });
  });

  test("ends by a signal", async () => {
    run(print("up") + STAY);
    await terminal.waitFor(/up/);
    terminal.kill("SIGTERM");
    expect(await terminal.waitExit()).toEqual({ code: 0, signal: 15 });
  });

  test("has its last words read before its exit is reported", async () => {
    run(print("x".repeat(1_000) + "\nlast words"));
    await terminal.waitExit();
    expect(terminal.text()).toContain("last words");
    expect(terminal.bytes).toBe(1_012);
    expect(terminal.raw.startsWith("xxx")).toBe(true);
  });

  test("sees a plain terminal, and nothing of the developer's own settings", async () => {
    const names = ["PGHOST", "PGTRIAGE_INTERVAL", "NO_COLOR", "COLORTERM", "LC_ALL"];
    for (const name of names) process.env[name] = "personal";
    try {
      run(`console.log(process.env.TERM, process.env.LANG, process.env.ADDED, JSON.stringify(process.env));`, {
        columns: 200,
        rows: 50,
        env: { ADDED: "yes", HOME: undefined },
      });
      await terminal.waitExit();
    } finally {
      for (const name of names) delete process.env[name];
    }
    expect(terminal.lines()[0]).toMatch(/^xterm-256color C\.UTF-8 yes/);
    expect(terminal.raw).not.toContain("personal");
    expect(terminal.raw).not.toContain('"HOME"');
  });
});

describe("waiting", () => {
  test("fails with the whole screen and says that the program still runs", async () => {
    run(print("first\r\nsecond") + STAY);
    await terminal.waitFor(/second/);
    await expect(terminal.waitFor(/third/, 100)).rejects.toThrow(/third\/.*still running[^]*first\nsecond/);
  });

  test("does not wait for text from a program that has exited", async () => {
    run(print("gone") + "process.exit(4)");
    await expect(terminal.waitFor(/never/, 60_000)).rejects.toThrow(/exited with 4, signal none[^]*gone/);
  });

  test("tells a still screen from a busy one", async () => {
    run("setInterval(() => console.log('tick'), 20);");
    await terminal.waitFor(/tick/);
    expect(await terminal.waitStill(500, 700)).toBe(false);
    terminal.kill("SIGSTOP");
    expect(await terminal.waitStill(100, 5_000)).toBe(true);
    expect(await terminal.nextOutput(50)).toBeNull();
  });
});
