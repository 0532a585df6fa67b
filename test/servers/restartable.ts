import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { serverAccount } from "../../src/demo/postgres/account.ts";
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { programTree } from "../../src/demo/postgres/program-tree.ts";
import { eventually } from "./deadline.ts";

/** One cluster that is started and stopped again and again, at the same address. Gone with the test runner, however that ends. */
export interface RestartableServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  start(): Promise<void>;
  /** fast: sessions are ended; immediate: as by a crash, and the next start recovers. */
  stop(mode?: "fast" | "immediate"): Promise<void>;
  close(): Promise<void>;
}

export async function restartableServer(
  major: number,
  port: number,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<RestartableServer> {
  const binaries = await findBinaries(major);
  const account = serverAccount();
  const directory = path.join("/tmp", `pgtriage-${randomBytes(4).toString("hex")}`);
  const guard = spawn("/bin/sh", ["-c", SCRIPT, "pgtriage-restartable", directory], {
    cwd: "/",
    detached: true,
    env: { PATH: process.env["PATH"], TZ: "UTC", LC_ALL: "C" },
    stdio: ["pipe", "pipe", "ignore"],
    ...account,
  });
  const lines = createInterface({ input: guard.stdout });
  const ended = once(guard, "close");
  guard.stdin.on("error", () => {});

  async function tell(command: string): Promise<void> {
    const answer = once(lines, "line");
    guard.stdin.write(`${command}\n`);
    const [said] = (await answer) as [string];
    if (said !== "done") throw new Error(`${command}: ${said}`);
  }

  await once(lines, "line");
  const bin = path.join(programTree(binaries.nativeDir, account, directory), "bin");
  const given = { ...SETTINGS, port, unix_socket_directories: directory, ...settings };
  const options = Object.entries(given).map(([name, value]) => `-c ${name}=${value}`);
  await tell(`init ${bin} ${options.join(" ")}`);
  const ready = path.join(directory, `.s.PGSQL.${port}`);
  return {
    host: "127.0.0.1",
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async start() {
      await tell("start");
      await eventually("it listens", () => existsSync(ready), Boolean);
    },
    stop: (mode = "fast") => tell(`stop ${mode === "fast" ? "INT" : "QUIT"}`),
    async close() {
      guard.stdin.end();
      await ended;
    },
  };
}

const SETTINGS = { listen_addresses: "127.0.0.1", fsync: "off", max_connections: 20 } as const;

/** Its stdin is a pipe from us: when that closes, the server and its directory go. */
const SCRIPT = `
dir=$1
exec 4<&0 </dev/null
mkdir -m 700 "$dir" && cd "$dir" && echo ready || exit
server=
halt() { [ -z "$server" ] || { kill -CONT "$server"; kill "-$1" "$server"; wait "$server"; server=; }; }
while read -r command rest <&4; do
  case $command in
    init) bin=\${rest%% *} options=\${rest#* }
      "$bin/initdb" -D data -U postgres --auth=trust --no-locale --encoding=UTF8 --no-sync >log 2>&1 4<&- || { echo failed; continue; } ;;
    start) "$bin/postgres" -D data $options >>log 2>&1 4<&- & server=$! ;;
    stop) halt "$rest" ;;
  esac
  echo done
done
halt QUIT
cd / && rm -rf "$dir"
`;
