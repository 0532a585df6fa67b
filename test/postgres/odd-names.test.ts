import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import { textReport } from "../../src/report/text.ts";
import { parseFilter } from "../../src/state/filter.ts";
import { clean } from "../../src/text/clean.ts";
import { aState, pasted, press, run, seen } from "../unit/builders.ts";
import { selectedRow } from "../../src/state/selection.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { pgtriage, snapshotOf, sourceOf } from "./pgtriage.ts";

// A name is whatever fits between two double quotes: roles and databases are watched, found and connected to by any of them.

const NAMES: readonly string[] = [
  ...["odd name", 'quo"te', '"', "apos'trophe", "back\\slash", "\\351", "-dash", "--help", "new\nline", "tab\there"],
  ...[
    "100%",
    "%41",
    "a:b@c/d?e#f&g=h",
    "postgres://x:y@z/w",
    "*",
    "(",
    "$user",
    "{red-fg}",
    "<30s",
    "!not",
    "user:app",
  ],
  ...["データベース管理", "ÀÉî", "שלום", "e\u0301", "👍", "\u202eback", "\u001b[2J", "x".repeat(63), "漢".repeat(21)],
];

let server: TestServer;
const open: pg.Client[] = [];

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const urlOf = (name: string): string =>
  `postgres://${encodeURIComponent(name)}@${server.host}:${server.port}/${encodeURIComponent(name)}`;

beforeAll(async () => {
  server = await testServer(18, { max_connections: 50 });
  const admin = await client(server.url);
  for (const name of NAMES) {
    await admin.query(`create role ${quoted(name)} login in role pg_monitor connection limit 2`);
    await admin.query(`create database ${quoted(name)} strategy file_copy connection limit 2`);
  }
  await admin.end();
  for (const name of NAMES) {
    const { host, port } = server;
    // Not by a URI: the driver's own reader of URIs leaves some escapes as they are.
    const session = await client("", { host, port, user: name, database: name, application_name: name });
    open.push(session);
    await session.query("begin");
    await session.query(`select 1 as ${quoted(name)}`);
  }
}, 120_000);
afterAll(async () => {
  await Promise.all(open.map((session) => session.end()));
  await server?.stop();
});

test.each(NAMES)(
  "connected as %j to a database of that name, its session is listed, filtered and found",
  async (name) => {
    const source = await sourceOf(urlOf(name));
    try {
      const sample = await source.read();
      expect(sample.server).toMatchObject({ user: name, database: name });
      expect(sample.server.limits).toContainEqual({ kind: "role", name, limit: 2 });
      const filter = parseFilter(`user:${quoted(name)} db:${quoted(clean(name))} !app:pgtriage`);
      if (filter.kind === "wrong") throw new Error(filter.reason);
      const matching = sample.backends.filter((backend) => filter.matches(backend, sample));
      expect(matching.map((backend) => backend.user)).toContain(name);
      const typed = [pasted(name), ...press("enter")];
      const { state } = run(aState({ width: 200, height: 60 }), seen(sample), press("G", "s"), typed);
      const { user, query } = selectedRow(state)!.backend;
      expect(clean(`${user} ${query}`).toLowerCase()).toContain(clean(name).toLowerCase());
    } finally {
      source.close();
    }
  },
);

test("all of them in one report for a person: a line for each, and nothing in it but text", async () => {
  const source = await sourceOf(server.url);
  const sample = await source.read();
  source.close();
  const limits = sample.server.limits.map((limit) => ({ ...limit, limit: 1 }));
  const report = textReport({ ...sample, server: { ...sample.server, limits } }, DEFAULT_THRESHOLDS);
  expect(report.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{M}\p{Zl}\p{Zp}]/u);
  for (const name of NAMES) expect(report).toContain(`\nlimit: role ${clean(name)} 1/1 FULL\n`);
});

test("and in JSON, as they are", async () => {
  const { backends, holders } = await snapshotOf(server.url);
  expect(backends.map((backend) => backend["user"])).toEqual(expect.arrayContaining([...NAMES]));
  for (const by of ["role", "database"]) {
    expect(holders.filter((holder) => holder.by === by).map((holder) => holder.name)).toEqual(
      expect.arrayContaining([...NAMES]),
    );
  }
});

test.each(["odd name", 'quo"te', "-dash", "--help", "100%", "%41", "データベース管理"])(
  "%j after the flags of psql is that role and that database",
  async (name) => {
    const where = [`--host=${server.host}`, `--port=${server.port}`, `--username=${name}`, `--dbname=${name}`];
    const { stdout, stderr } = await pgtriage(["snapshot", ...where]);
    expect(stderr).toBe("");
    expect(stdout).toContain(`/${name} as ${name},`);
  },
);
