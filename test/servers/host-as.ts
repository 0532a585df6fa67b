/**
 * Another user of the machine looks at a server, and tries to end a session: `host-as.ts UID GID HOST PORT POSTMASTER PID`. Everything is loaded
 * before the rights are given away, because that user may not be able to read the sources.
 */
import { phrase } from "../../src/model/action.ts";
import { hostSource } from "../../src/source/host/host-source.ts";
import { postmasterAt } from "../../src/source/host/postmaster-at.ts";
import { postmasters } from "../../src/source/host/postmasters.ts";
import { eventually } from "./deadline.ts";
import type { HostSeen } from "./host-seen.ts";

const [uid, gid, host, port, postmaster, pid] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
process.setgroups!([]);
process.setgid!(Number(gid));
process.setuid!(Number(uid));

const place = { host, port: Number(port) };
const at = await postmasterAt({ ...place, hostaddr: null });
const all = await postmasters();
// Where several servers of one user run, a stranger is not told which one serves the place. We know it.
const source = hostSource(
  all.find((one) => one.pid === Number(postmaster))!,
  place,
);
// What processes take is told when there has been time enough between two looks.
const sample = await eventually(
  "two looks",
  () => source.read({ usage: "complete" }),
  ({ usage }) => usage?.processes.get(Number(postmaster))?.cpuPercent != null,
);
// A map is nothing to JSON.
const usage = [...sample.usage!.processes.values()];
const target = sample.backends.find((backend) => backend.pid === Number(pid))!;
const typed = phrase("terminate", [target]);
const order = { id: 1, action: "terminate", targets: [target], typed, at: Date.now(), notAfterSeconds: 4e9 } as const;
const { answers } = await source.signal(order);
process.stdout.write(JSON.stringify({ all, at, sample, usage, verdict: answers[0]!.verdict } satisfies HostSeen));
