import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findings } from "../../src/advice/index.ts";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import { settingsBelow } from "../../src/panels/settings-below.ts";
import { settingsLine, settingsSummary } from "../../src/panels/settings.ts";
import { settingRows, type SettingRow } from "../../src/state/setting-rows.ts";
import { asShown } from "../../src/text/setting-value.ts";
import { settingWords, valueWord } from "../../src/text/setting-words.ts";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, withUser, type TestServer } from "../servers/server.ts";
import { SECRET, sourceOf } from "./pgtriage.ts";

/** Set to what has no round unit, and to what a fraction of one is. */
const ODD = {
  work_mem: "4097kB",
  maintenance_work_mem: "1GB",
  statement_timeout: "90s",
  lock_timeout: "1500ms",
  idle_in_transaction_session_timeout: "2h",
  checkpoint_timeout: "10min",
  max_wal_size: "3GB",
  shared_buffers: "33000kB",
  autovacuum_naptime: "75s",
  max_connections: 30,
};

type OfSetting = SettingRow & { readonly kind: "setting" };

describe.each([18, 13, 10])("on PostgreSQL %i", (major) => {
  let server: TestServer;
  let admin: pg.Client;

  beforeAll(async () => {
    const delay = major >= 12 ? "500us" : "3ms";
    server = await testServer(major, { ...ODD, autovacuum_vacuum_cost_delay: delay, cluster_name: SECRET });
    admin = await client(server.url);
    await admin.query("create role app login; create role report login; alter role report set work_mem = '256MB'");
    await admin.query(
      "alter role app set statement_timeout = 0; alter role app in database postgres set work_mem = 65536",
    );
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });

  async function read(url = server.url): Promise<Sample> {
    const source = await sourceOf(url);
    try {
      return await source.read();
    } finally {
      source.close();
    }
  }

  function rowsOf(sample: Sample): readonly SettingRow[] {
    const history = append(emptyHistory(), sample);
    return settingRows(sample, findings({ sample, history, thresholds: DEFAULT_THRESHOLDS, returned: [] }));
  }

  const settingsIn = (rows: readonly SettingRow[]): readonly OfSetting[] =>
    rows.flatMap((row) => (row.kind === "setting" ? [row] : []));

  const textOf = (row: SettingRow, sample: Sample, width = 120): string =>
    settingsLine(row, sample, width)
      .spans.map(({ text }) => text)
      .join("");

  test("every value is what SHOW says in a session that sets nothing", async () => {
    const sample = await read();
    const rows = settingsIn(rowsOf(sample));
    const shown: (readonly [name: string, value: string])[] = [];
    for (const { setting } of rows) {
      const { rows: answer } = await admin.query<[string]>({ text: `show ${setting.name}`, rowMode: "array" });
      shown.push([setting.name, answer[0]![0]]);
    }
    expect(rows.map(({ setting }) => [setting.name, asShown(setting)])).toEqual(shown);
    for (const [i, row] of rows.entries()) {
      const [name, value] = shown[i]!;
      expect(textOf(row, sample).split(/ +/).slice(1, 3)).toEqual([
        expect.stringMatching(new RegExp(`^[!*]?${name}$`)),
        (valueWord(name, row.setting.value) ?? value).split(" ")[0],
      ]);
    }
  });

  test("every setting that the server has of those is shown, with words", async () => {
    const sample = await read();
    const rows = settingsIn(rowsOf(sample));
    const { rows: known } = await admin.query<[string]>({ text: "select name from pg_settings", rowMode: "array" });
    const all = known.map(([name]) => name).filter((name) => settingWords(name) !== null);
    expect(rows.map(({ setting }) => setting.name).sort()).toEqual(all.sort());
    expect(rows.length).toBeGreaterThan(major === 10 ? 40 : 42);
    for (const row of rows)
      expect(settingsBelow(row, rows, sample, 120, 20).length, row.setting.name).toBeGreaterThanOrEqual(3);
  });

  test("roles and databases with values of their own stand below", async () => {
    const sample = await read();
    const rows = rowsOf(sample);
    const at = rows.findIndex(({ key }) => key === "setting work_mem");
    expect(rows.slice(at + 1, at + 3).map((row) => textOf(row, sample).trim().split(/ {2,}/))).toEqual([
      ["for role app in database postgres", "64MB role"],
      ["for role report", "256MB role"],
    ]);
    // What is said of how it is taken back is so.
    const below = settingsBelow(rows[at + 2]!, rows, sample, 200, 9).map(({ spans }) =>
      spans.map(({ text }) => text).join(""),
    );
    const sql = /ALTER ROLE .*;/.exec(below.join(" "))![0];
    expect(sql).toBe("ALTER ROLE report RESET work_mem;");
    await admin.query("begin");
    await admin.query(sql);
    await admin.query("rollback");
  });

  test("what our own role has hides what others get, and that is said", async () => {
    const sample = await read(withUser(server.url, "app"));
    const rows = settingsIn(rowsOf(sample));
    const text = (name: string) =>
      textOf(
        rows.find(({ setting }) => setting.name === name)!,
        sample,
      );
    expect(text("work_mem")).toMatch(/work_mem +64MB ours +session ours, others' is hidden/);
    expect(text("statement_timeout")).toMatch(/statement_timeout +off ours +session ours, others' is hidden/);
    expect(text("maintenance_work_mem")).toMatch(/maintenance_work_mem +1GB file +session/);
  });

  test("a setting that waits for a restart is marked, and runs with what it had", async () => {
    await admin.query("alter system set max_connections = 55");
    await admin.query("alter system set cluster_name = 'another'");
    await admin.query("select pg_reload_conf()");
    try {
      const sample = await eventually(
        "two that wait",
        () => read(),
        ({ server }) => server.tuning!.settings.filter(({ pendingRestart }) => pendingRestart).length === 2,
      );
      const rows = rowsOf(sample);
      const text = (key: string) =>
        textOf(
          rows.find((row) => row.key === key)!,
          sample,
        );
      expect(text("setting max_connections")).toMatch(/^ \*max_connections +30 file +restart waits for a restart/);
      expect(text("setting cluster_name")).toMatch(/^ \*cluster_name +file +restart waits for a restart/);
      expect(
        settingsSummary(rows, sample, 120)
          .spans.map(({ text }) => text)
          .join(""),
      ).toContain("2 wait for a restart, ");
      expect(JSON.stringify(sample.server.tuning)).not.toContain(SECRET);
    } finally {
      await admin.query("alter system reset max_connections");
      await admin.query("alter system reset cluster_name");
      await admin.query("select pg_reload_conf()");
    }
  });
});
