// Which PostgreSQL the tests use: TEST_PG_URL (a superuser's), else Docker with TEST_PG=docker, else the npm binaries.
// None of them is a failure with its reason, never a skip.
import type { TestProject } from "vitest/node";
import { client, testServer } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** A superuser's URL of the server that all tests share: PostgreSQL 18, unless TEST_PG_URL says otherwise. */
    pgUrl: string;
  }
}

interface Choice {
  readonly source: string;
  readonly url: string;
  stop(): Promise<void>;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const startedAt = performance.now();
  const choice = await choose();
  try {
    const version = await serverVersion(choice);
    process.stderr.write(
      `[pg] using ${choice.source}: PostgreSQL ${version} (${Math.round(performance.now() - startedAt)} ms)\n`,
    );
    project.provide("pgUrl", choice.url);
    return () => choice.stop();
  } catch (error) {
    await choice.stop();
    throw error;
  }
}

async function choose(): Promise<Choice> {
  const url = process.env["TEST_PG_URL"];
  if (url !== undefined && url !== "") return { source: "TEST_PG_URL", url, stop: async () => {} };
  const source = process.env["TEST_PG"] ?? "npm";
  try {
    switch (source) {
      case "docker": {
        // Only when asked for: testcontainers takes longer to load than PostgreSQL takes to start.
        const { containerServer } = await import("./docker.ts");
        return { source, ...(await containerServer(MAJOR, { ...SETTINGS, fsync: "off" })) };
      }
      case "npm": {
        const server = await testServer(MAJOR, SETTINGS);
        return { source: "npm binaries", url: server.url, stop: () => server.stop() };
      }
      default:
        throw new Error(`TEST_PG is "docker" or "npm", not "${source}"`);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`no PostgreSQL for the tests\n  TEST_PG_URL: not set\n  TEST_PG=${source}: ${reason}`, {
      cause: error,
    });
  }
}

async function serverVersion({ source, url }: Choice): Promise<string> {
  const session = await client(url);
  const { rows } = await session.query<{ version: string; num: number }>(
    "select current_setting('server_version') as version, current_setting('server_version_num')::int as num",
  );
  await session.end();
  const { version = "", num = 0 } = rows[0] ?? {};
  if (source !== "TEST_PG_URL" && Math.floor(num / 10_000) !== MAJOR) {
    throw new Error(`asked ${source} for PostgreSQL ${MAJOR}, got ${version}`);
  }
  return version;
}

const MAJOR = 18;
const SETTINGS = { max_connections: 60, max_prepared_transactions: 10, wal_level: "logical" } as const;
