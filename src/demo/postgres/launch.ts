import { randomBytes } from "node:crypto";
import { chownSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Account } from "./account.ts";
import { reachable, serverAccount } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { programTree } from "./program-tree.ts";
import type { StopMode, Supervisor } from "./supervisor.ts";
import { spawnSupervisor } from "./supervisor.ts";

export interface PostgresServer {
  /** What a client gives as host: 127.0.0.1, or the socket's directory. */
  readonly host: string;
  readonly port: number;
  readonly socketDir: string;
  readonly dataDir: string;
  readonly user: "postgres";
  readonly database: "postgres";
  /** PostgreSQL's own: `18.4`. */
  readonly version: string;
  /** The postmaster's. */
  readonly pid: number;
  log(): string;
  /** Ends every session, then the server, and leaves nothing behind. May be called twice. */
  stop(): Promise<void>;
}

export interface LaunchOptions {
  readonly binaries: Binaries;
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Listen on 127.0.0.1 as well. Without it there is only a socket, in a directory that nobody else may enter. */
  readonly tcp?: boolean;
  /** The whole of pg_hba.conf. Default: trust, which is as safe as the socket's directory and this machine's users are. */
  readonly hba?: string;
  /** Files by name to lie in the data directory before the server starts: certificates, standby.signal. */
  readonly files?: Readonly<Record<string, string>>;
  /** How it is stopped. Default: fast. */
  readonly stop?: StopMode;
}

/**
 * A PostgreSQL of one's own in half a second: needs no install script, runs as root's subject or as ourselves, and is gone with
 * the process that started it, however that ends.
 */
export async function launchPostgres(options: LaunchOptions): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchOnce(options);
    } catch (error) {
      // Between our finding a free port and the server's binding it, somebody else took it.
      if (!(error instanceof PortTaken) || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function launchOnce({
  binaries,
  settings = {},
  tcp = false,
  hba,
  files = {},
  stop = "fast",
}: LaunchOptions): Promise<PostgresServer> {
  const account = serverAccount();
  const directory = directoryName(account);
  const supervisor = await spawnSupervisor(directory, account, stop);
  let log = "";
  supervisor.ended.then(
    (end) => (log = end),
    () => {},
  );
  try {
    const port = tcp ? await freePort() : SOCKET_PORT;
    const place = { port, listen_addresses: tcp ? "127.0.0.1" : "", unix_socket_directories: directory };
    writeFor(account, path.join(directory, "settings.conf"), settingsFile({ ...THROW_AWAY, ...place, ...settings }));
    if (hba !== undefined) writeFor(account, path.join(directory, "pg_hba.conf"), hba);
    for (const [name, content] of Object.entries(files))
      writeFor(account, path.join(directory, `file.${name}`), content);
    const bin = path.join(programTree(binaries.nativeDir, account, directory), "bin");
    const pid = await supervisor.start({ bin, initdb: INITDB });
    const dataDir = path.join(directory, "data");
    await ready(supervisor, dataDir, pid);
    return {
      host: tcp ? "127.0.0.1" : directory,
      port,
      socketDir: directory,
      dataDir,
      user: "postgres",
      database: "postgres",
      version: binaries.version.replace(/^(\d+\.\d+).*/, "$1"),
      pid,
      log: () => (supervisor.hasEnded() ? log : readFileSync(path.join(directory, "log"), "utf8")),
      stop: () => supervisor.stop(),
    };
  } catch (error) {
    await supervisor.stop().catch(() => {});
    throw error;
  }
}

/** Short, because a socket's whole path must fit in 103 bytes on macOS (107 on Linux). */
function directoryName(account: Account): string {
  const temporary = tmpdir();
  const fits = temporary.length <= LONGEST_TMPDIR && reachable(temporary, account);
  return path.join(fits ? temporary : "/tmp", `pgtriage-${randomBytes(4).toString("hex")}`);
}

/** The postmaster writes `ready` as the eighth line of its pid file (10 and later): pg_ctl -w waits for the same. */
async function ready(supervisor: Supervisor, dataDir: string, pid: number): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!supervisor.hasEnded()) {
    const lines = read(path.join(dataDir, "postmaster.pid")).split("\n");
    if (Number(lines[0]) === pid && lines[7]?.startsWith("ready") === true) return;
    if (Date.now() > deadline) break;
    await delay(10);
  }
  await supervisor.stop();
  const log = await supervisor.ended;
  const message = `PostgreSQL did not start. The end of its log:\n${log}`;
  throw /could not bind|Address already in use/.test(log) ? new PortTaken(message) : new Error(message);
}

class PortTaken extends Error {}

function settingsFile(settings: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`);
  return `\n${lines.join("")}`;
}

function writeFor(account: Account, file: string, content: string): void {
  writeFileSync(file, content, { mode: 0o600 });
  if (account !== null) chownSync(file, account.uid, account.gid);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/** Nothing in it is worth a flush to disk. */
const THROW_AWAY = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } as const;
const INITDB = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"] as const;

/** Alone in its directory, a socket can have PostgreSQL's usual number. */
const SOCKET_PORT = 5432;
const PORT_ATTEMPTS = 5;
const LONGEST_TMPDIR = 70;
const READY_MS = 60_000;
