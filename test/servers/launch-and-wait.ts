// A process of its own that launches a server, says where, and then does nothing: for the tests to kill.
import { findBinaries } from "../../src/demo/postgres/binaries.ts";
import { launchPostgres } from "../../src/demo/postgres/launch.ts";

const { pid, socketDir } = await launchPostgres({ binaries: await findBinaries(18) });
process.stdout.write(`${JSON.stringify({ pid, socketDir })}\n`);
setInterval(() => {}, 60_000);
