import { describe, expect, test } from "vitest";
import { ConnectError, UnsuitableError } from "../../src/connection/connect.ts";
import { parseVersion, PasswordWantedError, TooOldError } from "../../src/connection/session.ts";
import { conninfo, type Conninfo } from "../../src/connection/conninfo.ts";
import { decoded, interruption, refusal } from "../../src/connection/refusals.ts";

const URI = "postgres://app:hunter2@db1:5433/shop?sslmode=require";
const TO: Conninfo = conninfo({ words: [URI] }, { HOME: "/home/me" });
/** As the driver throws it; the server of these tests speaks German. */
const error = (code: string, routine = "", message = "das geht leider nicht") =>
  Object.assign(new Error(message), { code, routine });

const REFUSALS: readonly (readonly [string, unknown, string])[] = [
  [
    "all slots taken",
    error("53300", "InitProcess"),
    "Every connection slot of db1:5433 is taken, the reserved ones too. Still let in: walsenders (roles with REPLICATION) from PostgreSQL 12 on.",
  ],
  [
    "only reserved slots left",
    error("53300", "InitPostgres"),
    "No slot is left on db1:5433 but those reserved for superusers. Still let in: superusers, and walsenders (roles with REPLICATION) from PostgreSQL 12 on.",
  ],
  [
    "the role's own limit",
    error("53300", "InitializeSessionUserId"),
    'Role "app" is at its own CONNECTION LIMIT on db1:5433. Still let in: other roles, and superusers.',
  ],
  [
    "the database's own limit",
    error("53300", "CheckMyDatabase"),
    'Database "shop" is at its own CONNECTION LIMIT on db1:5433. Still let in: sessions in other databases, and superusers.',
  ],
  ["another limit", error("53300", "Other"), "No connection slot is free on db1:5433: das geht leider nicht."],
  [
    "a pooler's limit, without a routine",
    error("53300"),
    "No connection slot is free on db1:5433: das geht leider nicht.",
  ],
  [
    "PgBouncer's limit",
    error("08P01", "", "no more connections allowed (max_client_conn)"),
    "The pooler on db1:5433 takes no more clients (max_client_conn).",
  ],
  [
    "another word of PgBouncer's",
    error("08P01", "", "server login failed"),
    "db1:5433 does not let us in: server login failed (08P01).",
  ],
  [
    "a wrong password",
    error("28P01", "auth_failed"),
    'Wrong password for role "app" on db1:5433; it came from the connection string.',
  ],
  [
    "no line in pg_hba.conf",
    error("28000", "ClientAuthentication"),
    'db1:5433 does not let role "app" in: das geht leider nicht. Is the role right, and does pg_hba.conf have a line for it?',
  ],
  ["no such database", error("3D000"), 'There is no database "shop" on db1:5433: name one with -d.'],
  [
    "a closed database",
    error("55000"),
    'Database "shop" on db1:5433 accepts no connections: name another one with -d.',
  ],
  [
    "a server that starts",
    error("57P03"),
    "db1:5433 is starting up, shutting down, recovering, or a standby without hot_standby: das geht leider nicht.",
  ],
  [
    "no server",
    error("ECONNREFUSED"),
    "Nothing listens on db1:5433: is PostgreSQL running there, and is the port right?",
  ],
  ["no such host", error("ENOTFOUND"), "No host is named db1: is the name right, and does name resolution work?"],
  ["no name service", error("EAI_AGAIN"), "No host is named db1: is the name right, and does name resolution work?"],
  ["no route", error("EHOSTUNREACH"), "There is no way to db1:5433 (EHOSTUNREACH): network, VPN or firewall?"],
  ["no answer", error("ETIMEDOUT"), "db1:5433 did not answer: network, VPN or firewall?"],
  [
    "a closed connection",
    error("ECONNRESET"),
    "db1:5433 closed the connection (ECONNRESET): is PostgreSQL behind it, and does it accept connections?",
  ],
  [
    "the driver's own timeout",
    new Error("timeout expired"),
    "db1:5433 did not answer within 10 s: is it PostgreSQL, and is the network up?",
  ],
  [
    "no TLS",
    new Error("The server does not support SSL connections"),
    "db1:5433 offers no TLS, and sslmode=require asks for it.",
  ],
  [
    "another protocol",
    new Error("There was an error establishing an SSL connection"),
    "What answers on db1:5433 does not speak PostgreSQL's protocol.",
  ],
  [
    "no password given",
    new PasswordWantedError(null),
    'db1:5433 wants a password for role "app": set PGPASSWORD, write it into ~/.pgpass, or type it when pgtriage asks on a terminal.',
  ],
  [
    "a password file that others may read",
    new PasswordWantedError("~/.pgpass is not used because others may read it: chmod 600 ~/.pgpass"),
    'db1:5433 wants a password for role "app": set PGPASSWORD, write it into ~/.pgpass, or type it when pgtriage asks on a terminal (~/.pgpass is not used because others may read it: chmod 600 ~/.pgpass).',
  ],
  [
    "a server of another kind",
    new UnsuitableError("it is a standby"),
    "db1:5433 is not what target_session_attrs=any asks for: it is a standby.",
  ],
  [
    "a certificate of nobody",
    error("SELF_SIGNED_CERT_IN_CHAIN", "", "self-signed certificate in certificate chain"),
    "The certificate of db1:5433 is not signed by /home/me/.postgresql/root.crt: is that the right authority, or is somebody in between?",
  ],
  [
    "a certificate for somebody else",
    Object.assign(error("ERR_TLS_CERT_ALTNAME_INVALID"), {
      cert: { subjectaltname: "DNS:db.example, IP Address:10.0.0.1" },
    }),
    "The certificate of db1:5433 is made out for db.example, 10.0.0.1, not for db1: connect by a name that it bears; sslmode=verify-ca would accept any name.",
  ],
  [
    "a certificate of yesterday",
    error("CERT_HAS_EXPIRED"),
    "The certificate of db1:5433 has expired: renew it on the server (sslmode=require without root certificates does not look).",
  ],
  [
    "Kerberos",
    new Error("Unknown authenticationOk message type 7"),
    "db1:5433 asks who we are by GSSAPI, SSPI or another way that pgtriage cannot answer.",
  ],
  [
    "every address of a name refused",
    new AggregateError([error("ECONNREFUSED"), error("ECONNREFUSED")]),
    "Nothing listens on db1:5433: is PostgreSQL running there, and is the port right?",
  ],
  [
    "a server before 10",
    new TooOldError("9.6.24"),
    "db1:5433 is too old: server_version 9.6.24; pgtriage needs PostgreSQL 10 or later.",
  ],
  [
    "a role that may not log in",
    error("28000", "InitializeSessionUserId"),
    'db1:5433 does not let role "app" in: das geht leider nicht. Is the role right, and may it LOGIN?',
  ],
  [
    "something that names no version",
    new TooOldError(null),
    "db1:5433 does not say which version it is: is it PostgreSQL? pgtriage needs 10 or later.",
  ],
  ["something else", error("XX000"), "db1:5433 does not let us in: das geht leider nicht (XX000)."],
  ["something without a word", new Error(), "db1:5433 cannot be reached: no reason given."],
  ["something that is no error", "boom", "db1:5433 cannot be reached: boom."],
  ["nothing at all", null, "db1:5433 cannot be reached: null."],
];

describe("why we were not let in, in one plain sentence", () => {
  test.each(REFUSALS)("%s", (_, thrown, sentence) => {
    expect(refusal(thrown, TO)).toBe(sentence);
  });

  test.each(REFUSALS)("%s: it ends, stays on one line and holds no password", (_, thrown) => {
    const sentence = refusal(thrown, TO);
    expect(sentence).toMatch(/[.?]$/);
    expect(sentence).not.toMatch(/[\r\n]/);
    expect(sentence).not.toContain("hunter2");
  });
});

test("of several hosts each says why, in the order in which they were tried", () => {
  const [first, second] = conninfo({ words: ["postgres://app@db1,db2:5433/shop"] }, {}).hosts;
  const thrown = new ConnectError([
    { host: first!, error: error("ECONNREFUSED") },
    { host: second!, error: error("57P03") },
  ]);
  expect(refusal(thrown, TO)).toBe(
    "None of 2 hosts let us in. Nothing listens on db1:5432: is PostgreSQL running there, and is the port right? " +
      "db2:5433 is starting up, shutting down, recovering, or a standby without hot_standby: das geht leider nicht.",
  );
});

describe("what to do next hangs on one host", () => {
  const to = conninfo({ words: ["postgres://app@db1,db2:5433/shop"] }, {});
  const [first, second] = to.hosts;

  test.each([
    ["the last one that answered", "28P01", "57P03", "not-ready"],
    ["whoever answered, when the other did not", "53300", "ECONNREFUSED", "other-slots"],
    ["the last one, when nobody answered", "ENOTFOUND", "ECONNREFUSED", "unreachable"],
  ])("%s", (_, one, two, kind) => {
    const failures = [
      { host: first!, error: error(one) },
      { host: second!, error: error(two) },
    ];
    expect(decoded(new ConnectError(failures), to).kind).toBe(kind);
  });
});

describe("a session that stood and ends says why, in a few words", () => {
  const words: readonly (readonly [string, string])[] = [
    ["25P03", "the server ended our session (idle_in_transaction_session_timeout): connecting again"],
    ["25P04", "the server ended our session (transaction_timeout): connecting again"],
    ["57014", "the server cancelled our statement (statement_timeout, or somebody): trying again"],
    ["57P01", "the server ended our session (administrator command, or shutdown): connecting again"],
    ["57P02", "the server crashed or was told to stop at once: connecting again"],
    ["57P03", "the server is starting up, shutting down or recovering: connecting again"],
    ["57P04", "the database was dropped: connecting again"],
    ["57P05", "the server ended our session (idle_session_timeout): connecting again"],
    ["08006", "the connection broke (08006): connecting again"],
    ["ECONNRESET", "the connection broke (ECONNRESET): connecting again"],
    ["EPIPE", "the connection broke (EPIPE): connecting again"],
    ["ECONNREFUSED", "nothing listens there any more (ECONNREFUSED): connecting again"],
    ["ENOTFOUND", "the host's name is not known any more (ENOTFOUND): connecting again"],
    ["EHOSTUNREACH", "there is no way to the server (EHOSTUNREACH): connecting again"],
    ["ETIMEDOUT", "the server stopped answering (ETIMEDOUT): connecting again"],
    ["XX000", "das geht leider nicht"],
  ];
  test.each(words)("%s", (code, said) => expect(interruption(error(code))).toBe(said));

  test.each(words)("%s ends an order, which is not tried again", (code, said) =>
    expect(interruption(error(code), "order")).toBe(said.replace(/: (connecting|trying) again$/, "")),
  );
});

describe("over a Unix socket", () => {
  const socket = conninfo({ words: ["host=/tmp port=5433"] }, {});
  test.each([
    ["ENOENT", "There is no socket /tmp/.s.PGSQL.5433: is PostgreSQL running, and is the directory right?"],
    [
      "ECONNREFUSED",
      "Nothing listens on the socket /tmp/.s.PGSQL.5433: is PostgreSQL running there, and is the port right?",
    ],
    ["EACCES", "This operating system user may not use the socket /tmp/.s.PGSQL.5433."],
  ])("%s is told by the file", (code, sentence) => {
    expect(refusal(error(code), socket)).toBe(sentence);
  });
});

test("what the server says is cleaned, and is on one line", () => {
  expect(refusal(error("XX000", "", "a\nb\u001b[2J"), TO)).toBe("db1:5433 does not let us in: a b·[2J (XX000).");
});

test("names of our own making are cleaned as well", () => {
  expect(refusal(error("28P01"), { ...TO, user: "a\u001b[2J" })).toContain('role "a·[2J"');
  expect(refusal(error("ECONNREFUSED"), conninfo({ host: "a\u001b[2J" }, {}))).not.toContain("\u001b");
});

test.each([
  ["18.4", 180_004],
  ["17.10 (Debian 17.10-1.pgdg12+1)", 170_010],
  ["19rc1", 190_000],
  ["10.23", 100_023],
  ["9.6.24", 90_624],
  ["", 0],
  ["unknown", 0],
])("server_version %j is %i", (text, version) => {
  expect(parseVersion(text)).toBe(version);
});
