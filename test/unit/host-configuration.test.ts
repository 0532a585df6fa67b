import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseArguments, parseConfiguration, truth, wholeNumber } from "../../src/source/host/configuration-text.ts";
import { configuration } from "../../src/source/host/configuration.ts";
import { listeningAt } from "../../src/source/host/postmaster-at.ts";
import { parseControlFile } from "../../src/source/host/control-file.ts";
import { parseStat } from "../../src/source/host/processes.ts";
import { parseTcp, parseUnix, plainAddress } from "../../src/source/host/sockets.ts";
import { unfinished } from "../../src/source/host/half-open.ts";
import { aBackend } from "./builders.ts";

describe("a line of postgresql.conf", () => {
  test.each([
    ["max_connections = 100", "100"],
    ["  Max_Connections\t200 # as many as fit", "200"],
    ["max_connections='300'", "300"],
    ["cluster_name = 'it''s' # 'quoted'", "it's"],
    ["unix_socket_directories = '/a, /b'", "/a, /b"],
    ["shared_buffers = 128MB", "128MB"],
    ["my.ext.setting = -1.5", "-1.5"],
    ["include_dir 'conf.d'", "conf.d"],
  ])("%s", (line, value) => {
    expect(parseConfiguration(line).map((entry) => entry.value)).toEqual([value]);
  });

  test.each([
    "# max_connections = 100",
    "",
    "max_connections",
    "max_connections = ",
    "= 5",
    "a = 'open",
    "a = 1 2",
    "1a = 2",
  ])("that means nothing: %s", (line) => {
    expect(parseConfiguration(line)).toEqual([]);
  });

  test("names are compared in small letters, and lines may end as on Windows", () => {
    expect(parseConfiguration("PORT=1\r\nPort = 2\r\n")).toEqual([
      { name: "port", value: "1" },
      { name: "port", value: "2" },
    ]);
  });

  test("whatever it is, it is read without an error", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => Array.isArray(parseConfiguration(text))));
    fc.assert(fc.property(fc.array(fc.string()), (words) => Array.isArray(parseArguments(words))));
  });
});

test("a command line sets what its letters and names are short for, the last one counts", () => {
  const set = (...words: string[]) =>
    parseArguments(["postgres", ...words]).map(({ name, value }) => `${name}=${value}`);
  expect(set("-D", "/data", "-p5433", "-c", "max_connections=7", "-ccluster_name=a b", "--listen-addresses=*")).toEqual(
    ["data_directory_argument=/data", "port=5433", "max_connections=7", "cluster_name=a b", "listen_addresses=*"],
  );
  expect(set("-FiN", "9", "-k/tmp")).toEqual(["max_connections=9", "unix_socket_directories=/tmp"]);
});

test("numbers and truth as PostgreSQL reads them", () => {
  expect(["100", " 0x64", "0144", "-5", "+7", "1e2", "12MB", "", null].map(wholeNumber)).toEqual([
    100,
    100,
    100,
    -5,
    7,
    null,
    null,
    null,
    null,
  ]);
  expect(["on", "T", "YES", "1"].map(truth)).toEqual([true, true, true, true]);
  expect(["off", "of", "false", "n", "0"].map(truth)).toEqual([false, false, false, false, false]);
  expect(["", "o", "perhaps", null].map(truth)).toEqual([null, null, null, null]);
});

describe("configuration files", () => {
  let directory: string;
  beforeEach(() => void (directory = mkdtempSync(path.join(tmpdir(), "pgtriage-configuration-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  function write(name: string, text: string): string {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  test("the command line wins over postgresql.auto.conf, that one over postgresql.conf and what it includes", async () => {
    write(
      "postgresql.conf",
      "port = 1\ninclude 'more.conf'\ninclude_if_exists 'none.conf'\ninclude_dir 'conf.d'\nmax_wal_senders = 3\n",
    );
    write("more.conf", "port = 2\nmax_connections = 10\n");
    write("conf.d/20.conf", "max_connections = 30\n");
    write("conf.d/10.conf", "max_connections = 20\nmax_wal_senders = 9\n");
    write("conf.d/.hidden.conf", "max_connections = 40\n");
    write("conf.d/notes.txt", "max_connections = 50\n");
    const words = ["postgres", "-D", directory];
    const before = await configuration(words, null);
    expect([before.value("port"), before.value("max_connections"), before.value("max_wal_senders")]).toEqual([
      "2",
      "30",
      "3",
    ]);
    expect(before).toMatchObject({ complete: true, dataDirectory: directory });
    write("postgresql.auto.conf", "max_connections = '60'\n");
    expect((await configuration(words, null)).value("max_connections")).toBe("60");
    expect((await configuration([...words, "-N", "70"], null)).value("max_connections")).toBe("70");
  });

  test("a directory of configuration alone says where the data is, as Debian has it", async () => {
    write("postgresql.conf", "data_directory = '/elsewhere'\nmax_connections = 10\n");
    const read = await configuration(["postgres", "-c", `config_file=${directory}/postgresql.conf`], null);
    expect(read).toMatchObject({ dataDirectory: "/elsewhere", complete: true });
    expect(read.value("max_connections")).toBe("10");
  });

  test("files that include each other come to an end", async () => {
    write("postgresql.conf", "port = 5\ninclude 'postgresql.conf'\n");
    expect((await configuration(["postgres", "-D", directory], null)).value("port")).toBe("5");
  });

  test("what is no plain file, or a hundred of them in each other, keeps nobody waiting", async () => {
    const pipe = path.join(directory, "pipe.conf");
    execFileSync("mkfifo", [pipe]);
    write("postgresql.conf", "port = 5\ninclude 'pipe.conf'\ninclude '/dev/zero'\n");
    const read = await configuration(["postgres", "-D", directory], null);
    expect(read).toMatchObject({ complete: false, unreadable: ["pipe.conf", "zero"] });
    expect(read.value("port")).toBe("5");
    write("postgresql.conf", `port = 6\n${"include 'postgresql.conf'\n".repeat(100)}`);
    const endless = await configuration(["postgres", "-D", directory], null);
    expect([endless.complete, endless.value("port")]).toEqual([false, "6"]);
  });

  test("what was changed since is told by name, what is not there is no value", async () => {
    const file = write("postgresql.conf", "port = 5\n");
    utimesSync(file, 1000, 1000);
    const read = await configuration(["postgres", "-D", directory], null);
    expect([read.changedAfter(999), read.changedAfter(1000)]).toEqual([["postgresql.conf"], []]);
    const nothing = await configuration(["postgres", "-D", path.join(directory, "none")], null);
    expect([nothing.complete, nothing.value("port")]).toEqual([false, null]);
  });
});

test("each address of a name has those that answer there: a tunnel at one of them is not hidden by a server at the other", () => {
  const socket = (localAddress: string, inode: number) =>
    ({
      localAddress,
      inode,
      localPort: 5432,
      remoteAddress: "0.0.0.0",
      remotePort: 0,
      state: "listening",
      uid: 0,
    }) as const;
  const [server, tunnel] = [socket("127.0.0.1", 1), socket("::", 2)];
  expect(listeningAt("127.0.0.1", [server, tunnel])).toEqual([server]);
  expect(listeningAt("::1", [server, tunnel])).toEqual([tunnel]);
  expect(listeningAt("::1", [server, socket("0.0.0.0", 3)])).toEqual([]);
  expect(listeningAt("127.0.0.2", [socket("0.0.0.0", 3), tunnel])).toEqual([socket("0.0.0.0", 3)]);
});

test("pg_control of a form that is not known says nothing", () => {
  const file = Buffer.alloc(512);
  file.writeUInt32LE(1800, 8);
  expect(parseControlFile(file)).toBeNull();
  file.writeDoubleLE(1_234_567, 208);
  file.writeInt32LE(77, 180);
  file.writeInt32LE(5, 188);
  expect(parseControlFile(file)).toEqual({ maxConnections: 77, maxWalSenders: 5 });
  file.writeUInt32LE(1900, 8);
  expect(parseControlFile(file)).toBeNull();
  expect(parseControlFile(Buffer.alloc(3))).toBeNull();
});

describe("/proc", () => {
  test("a program may be called what it likes", () => {
    const rest = `S 7 ${"0 ".repeat(17)}4711 ${"0 ".repeat(25)}100 150 150 400 0`;
    expect(parseStat(`12 (a) S 1 (b) ${rest}`)).toEqual({
      pid: 12,
      parent: 7,
      cpuTicks: 0,
      program: "a) S 1 (b",
      zombie: false,
      startTicks: 4711,
      titleBytes: 300,
    });
    expect(parseStat("")).toBeNull();
  });

  const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   104        0 111 1 0 100 0 0 10 0
   1: 0100007F:1538 0700000A:C8DE 01 00000000:00000000 00:00000000 00000000   104        0 222 1 0 20 4 30 10 -1
   2: 0000000000000000FFFF00000100007F:1538 0000000000000000FFFF00000800000A:0001 01 00000000:00000000 00:00000000 00000000 104 0 333 1
   3: 00000000000000000000000001000000:1538 00000000000000000000000001000000:0002 01 00000000:00000000 00:00000000 00000000 0 0 0 1
`;

  test("sockets", () => {
    expect(
      parseTcp(TABLE).map(
        (s) => `${s.localAddress}:${s.localPort} ${s.remoteAddress}:${s.remotePort} ${s.state} ${s.uid} ${s.inode}`,
      ),
    ).toEqual([
      "127.0.0.1:5432 0.0.0.0:0 listening 104 111",
      "127.0.0.1:5432 10.0.0.7:51422 established 104 222",
      "127.0.0.1:5432 10.0.0.8:1 established 104 333",
      "::1:5432 ::1:2 established 0 0",
    ]);
    const unix = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 5001 /tmp/.s.PGSQL.5432
0000000000000000: 00000003 00000000 00000000 0001 03 5002 /tmp/.s.PGSQL.5432
0000000000000000: 00000003 00000000 00000000 0001 03 5003
`;
    expect(parseUnix(unix)).toEqual([{ path: "/tmp/.s.PGSQL.5432", inode: 5001 }]);
    expect(["::FFFF:10.0.0.7", "0:0:0:0:0:0:0:1", "fe80::1%eth0", "10.0.0.7"].map(plainAddress)).toEqual([
      "10.0.0.7",
      "::1",
      "fe80::1",
      "10.0.0.7",
    ]);
  });

  test("whoever has connected and is no session is counted by address", () => {
    const sockets = parseTcp(TABLE);
    const session = aBackend({ clientAddress: "10.0.0.7", clientPort: 51_422 });
    expect([...unfinished(sockets, [5432], [session])]).toEqual([
      ["10.0.0.8", 1],
      ["::1", 1],
    ]);
    // With log_hostname a title has the name.
    expect(unfinished(sockets, [5432], [{ ...session, clientAddress: "web-7" }]).get("10.0.0.7")).toBeUndefined();
    expect(unfinished(sockets, [5433], []).size).toBe(0);
  });
});
