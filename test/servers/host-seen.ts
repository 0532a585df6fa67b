import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Verdict } from "../../src/model/action.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { ProcessUsage } from "../../src/model/usage.ts";
import type { PostmasterAt } from "../../src/source/host/postmaster-at.ts";
import type { FoundPostmaster } from "../../src/source/host/postmasters.ts";

/** What somebody else on this machine can find out without SQL, and do. */
export interface HostSeen {
  readonly all: readonly FoundPostmaster[];
  readonly at: PostmasterAt;
  readonly sample: Sample;
  readonly usage: readonly ProcessUsage[];
  readonly verdict: Verdict;
}

/** As that user, in a process of its own, who tries to end the session of that pid. Needs root. */
export async function seenAs(
  { uid, gid }: { readonly uid: number; readonly gid: number },
  { host, port }: { readonly host: string; readonly port: number },
  { postmaster, pid }: { readonly postmaster: number; readonly pid: number },
): Promise<HostSeen> {
  const words = ["--import", "tsx", PROGRAM, ...[uid, gid, host, port, postmaster, pid].map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 1e8 });
  return JSON.parse(stdout) as HostSeen;
}

const PROGRAM = fileURLToPath(new URL("./host-as.ts", import.meta.url));
