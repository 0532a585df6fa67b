import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { serverAccount } from "../../src/demo/postgres/account.ts";
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { programTree } from "../../src/demo/postgres/program-tree.ts";
import { eventually } from "./deadline.ts";
import { client, type TestServer } from "./server.ts";

export interface Standby {
  readonly url: string;
  /** Ends it; the standby's directory goes with it, as it does with the test runner however that ends. */
  stop(): Promise<void>;
}

/** A hot standby of that server, by a copy of its files and streaming, on a socket of its own alone. It gives feedback each second. */
export async function standbyOf(primary: TestServer, major: number, slot: string | null = null): Promise<Standby> {
  const binaries = await findBinaries(major);
  const account = serverAccount();
  const directory = path.join("/tmp", `pgtriage-${randomBytes(4).toString("hex")}`);
  const guard = spawn("/bin/sh", ["-c", SCRIPT, "pgtriage-standby", directory, primary.dataDir], {
    cwd: "/",
    detached: true,
    env: { PATH: process.env["PATH"], TZ: "UTC", LC_ALL: "C" },
    stdio: ["pipe", "pipe", "ignore"],
    ...account,
  });
  const lines = createInterface({ input: guard.stdout });
  const ended = once(guard, "close");
  guard.stdin.on("error", () => {});
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    await ended;
  };

  async function tell(command: string): Promise<void> {
    const answer = once(lines, "line");
    guard.stdin.write(`${command}\n`);
    const [said] = (await answer) as [string];
    if (said !== "done") throw new Error(`${command}: ${said}`);
  }

  function write(name: string, content: string): void {
    const file = path.join(directory, "data", name);
    writeFileSync(file, content, { mode: 0o600 });
    if (account !== null) chownSync(file, account.uid, account.gid);
  }

  try {
    await once(lines, "line");
    write("backup_label", await backedUp(primary, major, () => tell("copy")));
    const from = `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=postgres application_name=standby'\n`;
    const by = slot === null ? "" : `primary_slot_name = '${slot}'\n`;
    if (major < 12) write("recovery.conf", `standby_mode = on\n${from}${by}`);
    else write("standby.signal", "");
    write(
      "postgresql.auto.conf",
      `${SETTINGS}unix_socket_directories = '${directory}'\n${major < 12 ? "" : from + by}`,
    );
    await tell(`start ${path.join(programTree(binaries.nativeDir, account, directory), "bin")}`);
    const url = `postgres:///postgres?host=${encodeURIComponent(directory)}&port=5432&user=postgres`;
    const session = await eventually(
      "the standby answers",
      () => client(url).catch(() => null),
      (one) => one !== null,
    );
    await session!.end();
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What backup_label has to say of a copy that was made meanwhile. */
async function backedUp(primary: TestServer, major: number, copy: () => Promise<void>): Promise<string> {
  const session = await client(primary.url);
  try {
    await session.query(
      major < 15 ? "select pg_start_backup('copy', true, false)" : "select pg_backup_start('copy', true)",
    );
    await copy();
    const stopped = await session.query<{ labelfile: string }>(
      major < 15 ? "select labelfile from pg_stop_backup(false, false)" : "select labelfile from pg_backup_stop(false)",
    );
    return stopped.rows[0]!.labelfile;
  } finally {
    await session.end();
  }
}

const SETTINGS = `
listen_addresses = ''
port = 5432
hot_standby = on
hot_standby_feedback = on
wal_receiver_status_interval = 1
`;

/** Its stdin is a pipe from us: when that closes, the server and its directory go. */
const SCRIPT = `
dir=$1 primary=$2
exec 4<&0 </dev/null
mkdir -m 700 "$dir" && mkdir -m 700 "$dir/data" && cd "$dir" && echo ready || exit
server=
while read -r command bin <&4; do
  case $command in
    copy) (cd "$primary" && tar cf - --exclude=postmaster.pid --exclude=postmaster.opts --exclude='pg_replslot/*' .) 4<&- |
        tar xf - -C data 4<&- ;;
    start) "$bin/postgres" -D data >>log 2>&1 4<&- & server=$! ;;
  esac
  echo done
done
[ -z "$server" ] || { kill -INT "$server"; wait "$server"; }
cd / && rm -rf "$dir"
`;
