import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { launchPostgres } from "../../src/demo/postgres/launch.ts";
import type { Bench, Context, Result } from "./bench.ts";
import { coreBenches } from "./core.ts";
import { keys } from "./keys.ts";
import { lanes } from "./lanes.ts";
import { Load } from "./load.ts";
import { refresh } from "./refresh.ts";
import { start } from "./start.ts";
import { table } from "./table.ts";
import { waiting } from "./waiting.ts";

const BUILT = fileURLToPath(new URL("../../bin/pgtriage.js", import.meta.url));

const USAGE = `The speed we hold ourselves to, measured on the built program.

  npm run bench -- [options]

  --only NAME      just this one (may be repeated, a beginning is enough): start, refresh-1000, keys-1000, core, ...
  --window S       seconds of refreshes to measure (default 20)
  --huge           5,000 sessions as well; they take 8 GB of memory
  --command CMD    the program and its first arguments (default: node bin/pgtriage.js), split at spaces
  --frame REGEX    what the first frame shows (default: connecting, or data at once)
  --data REGEX     what the first data shows (default: Slots [)
`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    window: { type: "string", default: "20" },
    huge: { type: "boolean", default: false },
    command: { type: "string" },
    frame: { type: "string", default: "connecting|Slots \\[" },
    data: { type: "string", default: "Slots \\[" },
    help: { type: "boolean", default: false },
  },
});

/** In the order of their sessions: the load only grows. */
const BENCHES: readonly Bench[] = [
  ...coreBenches,
  start,
  lanes,
  waiting,
  refresh(1_000, { clientMs: 8, serverMs: 6 }),
  keys(1_000),
  refresh(2_000, { clientMs: 14, serverMs: null }),
  keys(2_000),
  ...(options.huge ? [refresh(5_000, { clientMs: null, serverMs: null }), keys(5_000)] : []),
];

if (options.help) process.stdout.write(USAGE);
else await measure();

async function measure(): Promise<void> {
  const { only } = options;
  const chosen = BENCHES.filter(({ name }) => only.length === 0 || only.some((wanted) => name.startsWith(wanted)));
  if (chosen.length === 0) {
    throw new Error(`no bench is called ${only.join(", ")}; there are ${BENCHES.map(({ name }) => name).join(", ")}`);
  }
  // As many sessions as the largest bench wants, and room for ours.
  const most = Math.max(0, ...chosen.map(({ sessions }) => sessions ?? 0));
  const server = await launchPostgres({
    binaries: await findBinaries(18),
    settings: { max_connections: most + 100, superuser_reserved_connections: 10 },
    tcp: true,
  });
  const load = new Load(server);
  try {
    process.stdout.write(`${machine(server.version)}\n\n`);
    const results: Result[] = [];
    for (const bench of chosen) {
      process.stderr.write(`${bench.name} ...\n`);
      if (bench.sessions !== null) await load.grow(bench.sessions);
      results.push(...(await bench.run(context(server, load))));
    }
    process.stdout.write(`\n${table(results)}\n`);
  } finally {
    load.stop();
    await server.stop();
  }
}

function context(server: Context["server"], load: Load): Context {
  const [program = process.execPath, ...args] = options.command?.split(" ") ?? [process.execPath, BUILT];
  return {
    server,
    load,
    command: [program, ...args],
    firstFrame: new RegExp(options.frame),
    firstData: new RegExp(options.data),
    windowSeconds: Number(options.window),
  };
}

function machine(postgres: string): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const busy = loadavg()[0]?.toFixed(1) ?? "?";
  const cores = `${availableParallelism()} cores (${model}), load ${busy} before`;
  return `${process.platform} ${process.arch}, ${cores}; Node ${process.version}, PostgreSQL ${postgres}; 200x50, interval 1 s`;
}
