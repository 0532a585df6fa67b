import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir, userInfo } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../src/connection/connect.ts";
import { conninfo, type Conninfo } from "../../src/connection/conninfo.ts";
import { ConninfoError } from "../../src/connection/parameters.ts";
import { refusal } from "../../src/connection/refusals.ts";
import { certificateAuthority } from "../servers/certificates.ts";
import { faultProxy } from "../servers/fault-proxy.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { ROWS, typed, type Row } from "./connections.ts";

const ME = userInfo().username;
const HBA = `
local all all trust
hostssl all tlsonly 127.0.0.1/32 trust
hostnossl all plainonly 127.0.0.1/32 trust
hostssl all certified 127.0.0.1/32 cert
host all tlsonly,plainonly,certified 127.0.0.1/32 reject
host all locked,symbols 127.0.0.1/32 scram-sha-256
host all hashed 127.0.0.1/32 md5
host all spoken 127.0.0.1/32 password
host all all 127.0.0.1/32 trust
host all all ::1/128 trust
`;

const quoted = (name: string): string => `"${name}"`;
const PEOPLE = [ME, "app", "tlsonly", "plainonly", "certified", "o'dd r@le"].filter((name) => name !== "postgres");
const ROLES = `
${PEOPLE.map((name) => `create role ${quoted(name)} login;`).join("\n")}
set password_encryption = 'scram-sha-256';
create role locked login password 'right'; create role symbols login password 'p@:/?% x';
create role spoken login password 'right';
set password_encryption = 'md5'; create role hashed login password 'right';`;
const DATABASES = ["shop", "other", "app", "a=b c", ME].filter((name) => name !== "postgres");

let a: TestServer;
let b: TestServer;
let s: TestServer;
let directory: string;
let words: Readonly<Record<string, string>>;
const servers: TestServer[] = [];

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "pgtriage-connecting-"));
  const authority = await certificateAuthority("pgtriage test");
  const other = await certificateAuthority("somebody else");
  const identity = await authority.server(["db.example.test", "*.pool.test"]);
  const person = await authority.client("certified");
  const files = { "server.crt": identity.cert, "server.key": identity.key, "root.crt": authority.root };
  const tls = { ssl: "on", ssl_ca_file: "root.crt", listen_addresses: "127.0.0.1,::1" };
  [a, b, s] = await Promise.all([
    testServer(18, tls, { hba: HBA, files }),
    testServer(18, {}, { hba: HBA.replace(/^hostssl.*$|^hostnossl.*$/gm, "") }),
    testServer(18, {}, { files: { "standby.signal": "" } }),
  ]);
  servers.push(a, b, s);
  for (const server of [a, b]) {
    const session = await client(server.url);
    await session.query(ROLES);
    for (const name of DATABASES) await session.query(`create database ${quoted(name)}`);
    await session.end();
  }
  const root = path.join(directory, "root.crt");
  const otherRoot = path.join(directory, "other.crt");
  const revoked = path.join(directory, "revoked.crl");
  writeFileSync(root, authority.root);
  writeFileSync(otherRoot, other.root);
  writeFileSync(revoked, await authority.revoke(identity.cert));
  words = {
    $A: String(a.port),
    $B: String(b.port),
    $S: String(s.port),
    $CLOSED: "1",
    $DIR: a.socketDir,
    $DIR_ENCODED: encodeURIComponent(a.socketDir),
    $ROOT: root,
    $OTHER_ROOT: otherRoot,
    $REVOKED: revoked,
    $ROOT_PEM: authority.root,
    $OTHER_ROOT_PEM: other.root,
    $CLIENT_CERT: person.cert,
    $CLIENT_KEY: person.key,
  };
}, 120_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(directory, { recursive: true, force: true });
});

/** The row's words made those of this run. */
function filledIn(text: string, home: string): string {
  return text.replace(/\$[A-Z_]+/g, (word) => (word === "$HOME" ? home : (words[word] ?? word)));
}

interface Prepared {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A home of its own with the row's files in it. */
function prepare(row: Row): Prepared {
  const home = mkdtempSync(path.join(directory, "home-"));
  for (const [name, content] of Object.entries(row.files ?? {})) {
    const [, bare = "", mode = "600"] = /^(.*?)(?:\((\d+)\))?$/.exec(name)!;
    const file = path.join(home, bare);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, filledIn(content, home));
    chmodSync(file, Number.parseInt(mode, 8));
  }
  const env = Object.entries(row.env ?? {}).map(([name, value]) => [name, filledIn(value, home)] as const);
  return { args: (row.args ?? []).map((arg) => filledIn(arg, home)), env: { HOME: home, ...Object.fromEntries(env) } };
}

const WHERE = `select current_user as role, current_database() as database, coalesce(family(inet_server_addr()), 0) as family,
  current_setting('port')::int as port, coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as tls,
  current_setting('application_name') as app, current_setting('work_mem') as work_mem, pg_is_in_recovery() as standby`;

interface Place {
  readonly role: string;
  readonly database: string;
  readonly family: number;
  readonly port: number;
  readonly tls: boolean;
  readonly app: string;
  readonly work_mem: string;
  readonly standby: boolean;
}

function told(at: Place): string {
  const letter = at.port === a.port ? "A" : at.port === b.port ? "B" : at.port === s.port ? "S" : "?";
  const me = (name: string): string => (name === ME ? "me" : name);
  return [
    `${me(at.role)}@${me(at.database)}`,
    at.family === 0 ? "socket" : at.family === 6 ? "tcp6" : "tcp",
    letter,
    ...(at.tls ? ["tls"] : []),
    ...(at.standby ? ["standby"] : []),
    ...(/^(psql|pgtriage)$/.test(at.app) ? [] : [`app=${at.app}`]),
    ...(at.work_mem === "4MB" ? [] : [`work_mem=${at.work_mem}`]),
  ].join(" ");
}

/** What both say when they are refused, each in its own words. */
const KINDS: readonly (readonly [kind: string, psql: RegExp, ours: RegExp])[] = [
  ["wrong password", /password authentication failed/, /Wrong password/],
  ["no password", /no password supplied/, /wants a password/],
  ["no such database", /database "[^"]*" does not exist/, /There is no database/],
  ["no such role", /role "[^"]*" does not exist/, /role "[^"]*" does not exist/],
  ["nothing listens", /Connection refused/, /Nothing listens/],
  ["no such host", /could not translate host name/, /No host is named/],
  ["no socket", /No such file or directory/, /There is no socket/],
  ["not by that way", /channel binding|require_auth|auth(?:entication)? method "/, /may not be answered/],
  ["no TLS", /server does not support SSL/, /offers no TLS/],
  ["no root certificates", /root certificate file "[^"]*" does not exist/, /needs root certificates/],
  ["certificate's name", /does not match host name/, /is made out for/],
  ["key others may read", /has group or world access/, /The private key .* others may read/],
  ["no client certificate", /requires a valid client certificate/, /requires a valid client certificate/],
  ["certificate", /certificate verify failed/, /is not signed by|has been revoked/],
  ["no pg_hba line", /no pg_hba.conf entry|pg_hba.conf rejects/, /pg_hba.conf rejects|no pg_hba.conf entry/],
  ["not of that kind", /session is|server is (?:not )?in hot standby/, /target_session_attrs=/],
];

async function ours({ args, env }: Prepared): Promise<string> {
  let to: Conninfo;
  try {
    to = conninfo(given(args), env);
  } catch (error) {
    if (error instanceof ConninfoError) return "refused: wrong usage";
    throw error;
  }
  try {
    const session = await connect(to);
    const { rows } = await session.client.query<Place>(WHERE);
    await session.client.end();
    return told(rows[0]!);
  } catch (error) {
    const said = refusal(error, to);
    return `refused: ${KINDS.find(([, , pattern]) => pattern.test(said))?.[0] ?? said}`;
  }
}

const FLAGS: Readonly<Record<string, "host" | "port" | "username" | "dbname">> = {
  "-h": "host",
  "-p": "port",
  "-U": "username",
  "-d": "dbname",
};

function given(args: readonly string[]): Parameters<typeof conninfo>[0] {
  const flags: Record<string, string> = {};
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const name = FLAGS[args[i]!];
    if (name === undefined) rest.push(args[i]!);
    else flags[name] = args[++i]!;
  }
  return { ...flags, words: rest };
}

interface Psql {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function psql(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Psql> {
  const path = { PATH: process.env["PATH"] ?? "", LC_ALL: "C" };
  return new Promise((resolve) => {
    execFile("psql", [...args], { env: { ...path, ...env }, timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

const PSQL_MAJOR = await psql(["--version"], {}).then(({ stdout }) => Number(/\d+/.exec(stdout)?.[0] ?? 0));

async function psqls({ args, env }: Prepared): Promise<string> {
  const sql = `select row_to_json(x) from (${WHERE}) x`;
  const { code, stdout, stderr } = await psql(["-XAtqw", "-c", sql, ...args], env);
  if (code === 0) return told(JSON.parse(stdout) as Place);
  // What a server or a file has to do with it is told apart first; what is left is a string that psql cannot use.
  return `refused: ${KINDS.find(([, pattern]) => pattern.test(stderr))?.[0] ?? (USAGE.test(stderr) ? "wrong usage" : stderr)}`;
}

const USAGE =
  /invalid |missing |unterminated|could not match|definition of service|syntax error in service file|weak sslmode|unexpected|end of string|could not parse network address/;

const HAS_IPV6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));

describe("what is typed leads pgtriage to where it leads psql", () => {
  test.each(ROWS.map((row) => ({ row, name: typed(row) })))("$name", async ({ row }) => {
    const prepared = prepare(row);
    const got = await ours(prepared);
    if (row.ipv6 === true && !HAS_IPV6) expect(got).toBe("refused: nothing listens");
    else expect(got).toBe(row.gets);
    if (PSQL_MAJOR >= (row.since ?? 10) && !(row.ipv6 === true && !HAS_IPV6))
      expect(await psqls(prepared)).toBe(row.psql ?? row.gets);
  });
});

test("a host that never answers costs connect_timeout, and then the next one is tried, also by psql", async () => {
  const hole = await faultProxy(b, { blackHole: true });
  const prepared = prepare({
    args: [`postgres://app@127.0.0.1:${hole.port},127.0.0.1:$B/shop?connect_timeout=2`],
    gets: "",
  });
  expect(await ours(prepared)).toBe("app@shop tcp B");
  if (PSQL_MAJOR > 0) expect(await psqls(prepared)).toBe("app@shop tcp B");
  await hole.close();
});

test("where nobody lets us in, each host says why", async () => {
  const to = conninfo({ words: [`postgres://app@127.0.0.1:1,127.0.0.1:${b.port}/nowhere`] }, {});
  const said = await connect(to).then(
    () => "let in",
    (error: unknown) => refusal(error, to),
  );
  expect(said).toBe(
    "None of 2 hosts let us in. Nothing listens on 127.0.0.1:1: is PostgreSQL running there, and is the port right? " +
      `There is no database "nowhere" on 127.0.0.1:${b.port}: name one with -d.`,
  );
});

test("load_balance_hosts=random asks them in any order", async () => {
  const to = conninfo(
    { words: [`postgres://app@127.0.0.1:${a.port},127.0.0.1:${b.port}/shop?load_balance_hosts=random`] },
    {},
  );
  const seen = new Set<number>();
  // One in a million million that forty tosses all fall the same way.
  for (let i = 0; i < 40 && seen.size < 2; i++) {
    const session = await connect(to);
    seen.add(session.host.port);
    await session.client.end();
  }
  expect(seen).toEqual(new Set([a.port, b.port]));
});
