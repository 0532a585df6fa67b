import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Account } from "./account.ts";

/**
 * A shell that outlives us by some milliseconds. Its stdin is a pipe from here: when that closes, because we asked it to or because we
 * were killed in any way whatsoever, it stops the server and removes the directory. It runs in a session of its own, so Ctrl-C in the
 * terminal doesn't reach the server before us.
 *
 * It makes the directory as well, so that there is no instant at which the directory is there and its guard is not. On descriptor 3
 * it tells when that is done, then the postmaster's pid, and the end of the log when all is over.
 */
export interface Supervisor {
  /** Starts the server and returns its postmaster's pid. */
  start(program: { readonly bin: string; readonly initdb: readonly string[] }): Promise<number>;
  readonly hasEnded: () => boolean;
  /** The end of the server's log once it has ended, of itself or stopped. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** How the server is stopped: fast writes everything to disk first, which takes its time with fsync; immediate leaves it, as after a crash. */
export type StopMode = "fast" | "immediate";

export async function spawnSupervisor(directory: string, account: Account, mode: StopMode): Promise<Supervisor> {
  const shell = spawn("/bin/sh", ["-c", SCRIPT, "pgtriage-postgres", directory, SIGNALS[mode]], {
    cwd: "/",
    detached: true,
    env: { PATH: process.env["PATH"], HOME: directory, TZ: "UTC", LC_ALL: "C" },
    stdio: ["pipe", "ignore", "ignore", "pipe"],
    ...account,
  });
  const stdin = shell.stdin as Pipe<Writable>;
  const report = shell.stdio[3] as Pipe<Readable>;
  stdin.on("error", () => {}); // it may be gone before it hears us
  let text = "";
  let over = false;
  report.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));

  const ended = new Promise<string>((resolve, reject) => {
    shell.once("error", reject);
    shell.once("close", () => {
      over = true;
      resolve(text.split("\n").slice(REPORT_LINES).join("\n"));
    });
  });
  ended.catch(() => {});

  /** That line of the report, or undefined when it ended before. */
  async function reported(line: number): Promise<string | undefined> {
    const complete = new Promise<void>((resolve) => {
      const look = (): void => void (text.split("\n").length > line + 1 && resolve());
      report.on("data", look);
      look();
    });
    await Promise.race([complete, ended]);
    return text.split("\n")[line];
  }

  if ((await reported(0)) !== "ready") throw new Error(`could not make the directory ${directory}`);

  return {
    async start({ bin, initdb }) {
      stdin.write(`${[bin, ...initdb].join("\n")}\n\n`);
      const pid = Number(await reported(1));
      if (!(pid > 0)) throw new Error(`PostgreSQL's initdb failed:\n${await ended}`);
      // The server must not keep the program alive that started it.
      for (const held of [shell, stdin, report]) held.unref?.();
      return pid;
    },
    hasEnded: () => over,
    ended,
    async stop() {
      for (const held of [shell, report]) held.ref?.();
      stdin.destroy();
      await ended;
    },
  };
}

const SIGNALS: Readonly<Record<StopMode, string>> = { fast: "INT", immediate: "QUIT" };

/** The pipes of a child process are sockets to Node, though its types do not say so. */
type Pipe<Stream> = Stream & { ref?(): void; unref?(): void };

/** "ready", and the pid. */
const REPORT_LINES = 2;

/**
 * - Nobody may be there to read the report: that must not end the supervisor, hence the trap.
 * - A shell gives its background jobs /dev/null as stdin, so the pipe is kept as descriptor 4.
 * - A background job ignores SIGINT until the postmaster has installed its handler, so the signal is repeated.
 * - SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one. SIGCONT first, in case that somebody stopped it.
 * - What to run comes on stdin, one argument a line, ended by an empty line. Until then it only guards the directory.
 */
const SCRIPT = `
dir=$1
stop=$2
trap '' PIPE
exec 4<&0 </dev/null
mkdir -m 700 "$dir" && cd "$dir" || exit
echo ready >&3
set --
while :; do
  IFS= read -r line <&4 || { cd / && rm -rf "$dir"; exit; }
  [ -n "$line" ] || break
  set -- "$@" "$line"
done
bin=$1; shift

if "$bin/initdb" -D "$dir/data" "$@" >"$dir/log" 2>&1 3>&- 4<&-; then
  cat "$dir/settings.conf" >>"$dir/data/postgresql.conf"
  [ ! -f "$dir/pg_hba.conf" ] || cat "$dir/pg_hba.conf" >"$dir/data/pg_hba.conf"
  for file in "$dir"/file.*; do [ ! -f "$file" ] || mv "$file" "$dir/data/\${file#"$dir"/file.}"; done
  : >"$dir/log"
  "$bin/postgres" -D "$dir/data" >>"$dir/log" 2>&1 3>&- 4<&- &
  server=$!
  echo "$server" >&3
  (
    while read -r _ <&4; do :; done
    i=0
    while kill -0 "$server" && [ $i -lt 200 ]; do
      kill -CONT "$server"
      if [ $i -lt 100 ]; then kill "-$stop" "$server"; else kill -QUIT "$server"; fi
      sleep 0.1
      i=$((i + 1))
    done
    kill -KILL "$server"
  ) >/dev/null 2>&1 3>&- &
  watcher=$!
  exec 4<&-
  wait "$server"
  kill "$watcher" 2>/dev/null
else
  echo "exit status $?" >>"$dir/log"
  echo "no server" >&3
fi
tail -n 40 "$dir/log" >&3
cd / && rm -rf "$dir"
`;
