import type { Sample, Unfinished } from "../../model/reading.ts";
import { NOTHING_REFUSED } from "../../model/refusal.ts";
import type { Refused, Server } from "../../model/server.ts";
import { isClient, isHalfOpen, type Backend } from "../../model/backend.ts";
import { sameServer } from "../decode.ts";
import { NotSentError } from "../not-sent-error.ts";
import type { Source, Wishes } from "../postgres.ts";
import { childrenReader, type TitleRules } from "./children.ts";
import { unfinishedFrom } from "./half-open.ts";
import { hostServer, serverFiles, titlesAreOff, type ServerFiles } from "./host-server.ts";
import type { FoundPostmaster } from "./postmasters.ts";
import { bootSeconds, startSeconds, statOf } from "./processes.ts";
import type { Seen } from "./processes-shown.ts";
import { signalFromHost } from "./signal.ts";
import { usageReader } from "./usage.ts";

/** Files are read anew this often: what they say was true when the server started. */
const FILES_SECONDS = 10;

/**
 * The server's own processes, read from /proc: no SQL, no slot, no right of any role. `serverMs` is what reading takes of the machine's time,
 * because it is the server's machine.
 */
export function hostSource(
  postmaster: FoundPostmaster,
  place: { readonly host: string; readonly port: number },
  refuses: Refused = null,
): Source {
  // Once, so that a clock that is set does not give every process another start.
  const boot = bootSeconds();
  const options = { postmaster, startedSeconds: startSeconds(boot, postmaster.startTicks), ...place, refuses };
  const children = childrenReader(postmaster, boot);
  const usage = usageReader(postmaster, boot);
  let files: ServerFiles | null = null;
  let filesSeconds = 0;
  let lastInstant = 0;
  let server: Server | null = null;
  let byPid: ReadonlyMap<number, Seen> = new Map();
  let line: Promise<unknown> = Promise.resolve();
  let open = true;

  async function read(wishes: Wishes): Promise<Sample> {
    const asked = performance.now();
    assertLives();
    const now = Date.now() / 1000;
    if (files === null || now - filesSeconds >= FILES_SECONDS || now < filesSeconds) files = await filesNow();
    const serverSeconds = instant();
    const read = await children.read(rules(files), serverSeconds);
    const used =
      wishes.usage === undefined || wishes.usage === false ? null : await usage.read(read, wishes.usage === "complete");
    // Half of its children are left when a server ends under our eyes.
    assertLives();
    if (files.major === null && read.speaksAs10) files = { ...files, major: 10 };
    ({ byPid } = read);
    const backends = [...byPid.values()].map(({ backend }) => backend);
    const tellsActivity = !titlesAreOff(files) && !mostAreMute([...byPid.values()]);
    const fresh = hostServer(options, files, backends, tellsActivity);
    server = server !== null && sameServer(server, fresh) ? server : fresh;
    const busyMs = read.busyMs + (used?.busyMs ?? 0);
    return {
      kind: "sample",
      takenAt: Date.now(),
      costMs: performance.now() - asked,
      ownMs: busyMs,
      serverMs: busyMs,
      serverSeconds,
      nextXid: null,
      backends,
      waitersNotResolved: 0,
      queues: NOBODY_TELLS,
      holdouts: null,
      unfinished: await unfinishedAmong(backends),
      counters: null,
      workings: null,
      refused: NOTHING_REFUSED,
      usage: used?.usage ?? null,
      server,
    };
  }

  /** No two samples have the same: what changed in one of them is told by it. */
  function instant(): number {
    const now = Date.now() / 1000;
    lastInstant = Math.abs(now - lastInstant) < 0.001 ? Math.max(now, lastInstant + 0.00001) : now;
    return lastInstant;
  }

  async function filesNow(): Promise<ServerFiles> {
    const fresh = await serverFiles(postmaster);
    filesSeconds = Date.now() / 1000;
    return { ...fresh, major: fresh.major ?? files?.major ?? null };
  }

  async function unfinishedAmong(backends: readonly Backend[]): Promise<readonly Unfinished[]> {
    if (!backends.some(isHalfOpen)) return [];
    const ports = postmaster.ports.length > 0 ? postmaster.ports : [place.port];
    const counts = await unfinishedFrom({ ports }, backends);
    return [...counts].map(([client, count]) => ({ client, count })).sort((a, b) => b.count - a.count);
  }

  function lives(): boolean {
    const stat = statOf(postmaster.pid);
    return stat !== null && !stat.zombie && stat.startTicks === postmaster.startTicks;
  }

  function assertLives(): void {
    if (!lives()) throw new Error(`the server has ended: postmaster ${postmaster.pid} is gone`);
  }

  /** Samples one after the other: each begins with what the last one knew. */
  function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const result = line.then(work);
    line = result.catch(() => undefined);
    return result;
  }

  return {
    read: (wishes = {}) => inTurn(() => read(wishes)),
    async wholeQuery({ pid, key }) {
      const seen = byPid.get(pid);
      // No more than its row says: a title has the name of a command, not its text.
      return seen?.backend.key === key ? { queryStartSeconds: null, query: seen.backend.query } : null;
    },
    holdings() {
      return Promise.reject(new Error("what a session holds is not told without SQL"));
    },
    deadTuples() {
      return Promise.reject(new Error("what VACUUM keeps is not told without SQL"));
    },
    signal: (order) =>
      inTurn(async () => {
        // Perhaps titles have been switched off since: then none of them is to be believed.
        files = await filesNow();
        const told = rules(files);
        if (!open) throw new NotSentError("it was over before it could be sent");
        return signalFromHost(order, {
          postmasterPid: postmaster.pid,
          postmasterLives: lives,
          look: (pid) => children.look(pid, told),
          seen: (pid) => byPid.get(pid),
          superusers: server?.superusers ?? [],
          nowSeconds: () => Date.now() / 1000,
          startedSeconds: (startTicks) => startSeconds(boot, startTicks),
        });
      }),
    close() {
      open = false;
    },
  };
}

const NOBODY_TELLS: Sample["queues"] = [];

function rules(files: ServerFiles): TitleRules {
  return { major: files.major, frozen: titlesAreOff(files) };
}

/** Sessions that tell who they are and not what they do, though they have had the time to. */
function mostAreMute(processes: readonly Seen[]): boolean {
  const clients = processes.filter(({ backend }) => isClient(backend));
  return clients.length > 0 && clients.filter(({ title }) => title.mute).length * 2 > clients.length;
}
