import type { Backend } from "../../model/backend.ts";
import type { Wishes } from "../postgres.ts";
import { childrenReader, type ChildrenReader } from "./children.ts";
import { NOT_KNOWN, memoryAround, type Machine } from "./machine.ts";
import { ownBackend } from "./own-backend.ts";
import { bootSeconds } from "./processes.ts";
import type { Title } from "./title.ts";
import { usageReader, type UsageRead, type UsageReader } from "./usage.ts";

/** Our own session as the server tells of it, once it has, and the pids of all there are. */
export interface OwnSession {
  readonly own: Backend | undefined;
  readonly pids: () => readonly number[];
}

export interface OwnServer {
  /**
   * Reads what its processes take, at once and while the server is busy with its answer, if we know already which session is ours;
   * else when the answer has told it. Null when it does not run on this machine, which is looked after each time: our session, as
   * the server tells of it, has to be a process here.
   */
  begin(wish: Wishes["usage"], session: OwnSession): (session: OwnSession) => Promise<UsageRead | null>;
  /** The memory that it has around it; not known when it does not run here. */
  machine(session: OwnSession): Promise<Machine>;
}

interface Readers {
  readonly postmaster: { readonly pid: number; readonly startTicks: number };
  readonly children: ChildrenReader;
  readonly usage: UsageReader;
}

/** The processes of a server that is asked by SQL, and perhaps runs on this machine. */
export function ownServer(major: number): OwnServer {
  const processesOf = ownBackend();
  let readers: Readers | null = null;
  let line: Promise<unknown> = Promise.resolve();

  async function usage({ own, pids }: OwnSession, complete: boolean): Promise<UsageRead | null> {
    const processes = await processesOf(own, pids);
    if (processes === null) return null;
    const { postmaster } = processes;
    if (readers?.postmaster.pid !== postmaster.pid || readers.postmaster.startTicks !== postmaster.startTicks) {
      const boot = bootSeconds();
      // What a session does, its row tells; that it is one, does not change.
      const children = childrenReader(postmaster, boot, { settled: isSession });
      readers = { postmaster, children, usage: usageReader(postmaster, boot) };
    }
    const reading = readers;
    const children = await reading.children.read({ major, frozen: false }, Date.now() / 1000);
    const read = await reading.usage.read(children, complete);
    return { ...read, busyMs: read.busyMs + children.busyMs };
  }

  /** One after the other: a sample that has failed meanwhile has not waited for its own. */
  function inTurn(session: OwnSession, complete: boolean): Promise<UsageRead | null> {
    const result = line.then(() => usage(session, complete)).catch(failed);
    line = result;
    return result;
  }

  /** What SQL has told stands without it, and the next one begins anew. */
  function failed(): null {
    readers = null;
    return null;
  }

  return {
    begin(wish = false, session) {
      if (wish === false) return () => Promise.resolve(null);
      const begun = session.own === undefined ? null : inTurn(session, wish === "complete");
      return (session) => begun ?? inTurn(session, wish === "complete");
    },
    async machine({ own, pids }) {
      const processes = await processesOf(own, pids);
      return processes === null ? NOT_KNOWN : memoryAround(processes.session.pid);
    },
  };
}

function isSession({ backendType }: Title): boolean {
  return backendType === "client backend";
}
