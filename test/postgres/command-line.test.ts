import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findings } from "../../src/advice/index.ts";
import { statementsOf, type Finding } from "../../src/advice/rule.ts";
import { settingMarks } from "../../src/advice/setting-marks.ts";
import { settingChange } from "../../src/analysis/setting-change.ts";
import { settingOf } from "../../src/analysis/setting-read.ts";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import { eventually } from "../servers/deadline.ts";
import { freePort } from "../servers/free-port.ts";
import { restartableServer, type RestartableServer } from "../servers/restartable.ts";
import { client } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

/** As Patroni starts a server, and a container with arguments. */
const ON_COMMAND_LINE = { max_connections: 30, work_mem: "5MB", autovacuum: "off", track_counts: "off" };

describe.each([18, 13, 10])("with settings on its command line, PostgreSQL %i", (major) => {
  let server: RestartableServer;

  beforeAll(async () => {
    server = await restartableServer(major, await freePort(), ON_COMMAND_LINE);
    await start();
  });
  afterAll(() => server?.close());

  /** It listens before it lets anybody in. */
  async function start(): Promise<void> {
    await server.start();
    await eventually(
      "it lets us in",
      () =>
        run("select 1").then(
          () => true,
          () => false,
        ),
      Boolean,
    );
  }

  async function run(...statements: readonly string[]): Promise<void> {
    const session = await client(server.url);
    for (const statement of statements) await session.query(statement);
    await session.end();
  }

  async function read(): Promise<Sample> {
    const source = await sourceOf(server.url);
    try {
      return await source.read();
    } finally {
      source.close();
    }
  }

  function told(sample: Sample, id: string): readonly Finding[] {
    const history = append(emptyHistory(), sample);
    const all = findings({ sample, history, thresholds: DEFAULT_THRESHOLDS, returned: [] });
    return all.filter((one) => one.id === id);
  }

  const marked = (): Promise<Sample> =>
    eventually("it is marked", read, ({ server }) =>
      server.tuning!.settings.some(({ name, pendingRestart }) => name === "max_connections" && pendingRestart),
    );

  test("marks what the files say otherwise, and no restart brings it about", async () => {
    await run("alter system set max_connections = 55", "select pg_reload_conf()");
    const sample = await marked();
    const [finding, ...others] = told(sample, "pending-restart");
    expect(others).toEqual([]);
    expect(finding!.title).toContain("no restart changes max_connections: it stands on the server's command line");
    expect(settingMarks(sample, [finding!]).get("max_connections")!.short).toBe("files are overruled");

    await server.stop();
    await start();
    await run("select pg_reload_conf()");
    const after = await marked();
    expect(after.server.settings.maxConnections).toBe(30);
    // What is said of how the mark goes away is so.
    for (const { next } of told(after, "pending-restart")) await run(...next.flatMap(statementsOf));
    await eventually("no mark is left", read, (sample) => told(sample, "pending-restart").length === 0);
  });

  test("has what is set for all roles go before that, and is told no ALTER SYSTEM", async () => {
    const before = (await read()).server;
    const { statements } = settingChange("work_mem", "7MB", before);
    expect(statements).toEqual(["ALTER ROLE ALL SET work_mem = '7MB';"]);
    await run("alter system set work_mem = '9MB'", "select pg_reload_conf()");
    const session = await client(server.url);
    expect((await session.query("show work_mem")).rows).toEqual([{ work_mem: "5MB" }]);
    await session.end();
    await run(...statements);
    const after = await read();
    expect(after.server.tuning!.workMemBytes).toBe(7 * 2 ** 20);
    await run("alter role all reset work_mem");
  });

  test("keeps autovacuum off whatever ALTER SYSTEM or ALTER ROLE ALL say, and says so", async () => {
    await run("alter system set autovacuum = on", "alter system set track_counts = on", "select pg_reload_conf()");
    const sample = await read();
    expect(settingOf(sample.server.tuning, "autovacuum")).toMatchObject({ value: "off", source: "command line" });
    const [finding] = told(sample, "autovacuum-off");
    expect(finding!.next.flatMap(statementsOf).filter((sql) => sql.startsWith("ALTER"))).toEqual([]);
    expect(finding!.next[0]!.text).toContain("change it where the server is started from");
  });
});
