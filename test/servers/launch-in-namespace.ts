// Runs as the first process of a pid namespace of its own: launches a server there and says where it is; for each pid that it is told
// on stdin it sees to it that the next process gets that one, and answers; at the end of stdin it stops the server.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { launchPostgres } from "../../src/demo/postgres/launch.ts";

const LAST_PID = "/proc/sys/kernel/ns_last_pid";

// Says at once whether we may.
writeFileSync(LAST_PID, readFileSync(LAST_PID, "utf8"));

const major = Number(process.argv[2]);
// Autovacuum begins processes when it likes.
const server = await launchPostgres({
  binaries: await findBinaries(major),
  tcp: true,
  settings: { autovacuum: "off", max_parallel_workers: 0 },
});
const { host, port } = server;
process.stdout.write(`${JSON.stringify({ host, port })}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  writeFileSync(LAST_PID, String(Number(line) - 1));
  process.stdout.write(`${line}\n`);
}
await server.stop();
process.exit();
