import type { Backend } from "../../model/backend.ts";
import type { Wishes } from "../postgres.ts";
import { childrenReader, type ChildrenReader } from "./children.ts";
import { ownPostmaster } from "./own-backend.ts";
import { bootSeconds } from "./processes.ts";
import type { Title } from "./title.ts";
import { usageReader, type UsageRead, type UsageReader } from "./usage.ts";

export interface OwnServer {
  /**
   * Reads what its processes take, at once and while the server is busy with its answer, if we know already which session is ours;
   * else when the answer has told it. Null when it does not run on this machine, which is looked after each time: our session, as
   * the server tells of it, has to be a process here.
   */
  begin(wish: Wishes["usage"], own: Backend | undefined): (own: Backend | undefined) => Promise<UsageRead | null>;
}

interface Readers {
  readonly postmaster: { readonly pid: number; readonly startTicks: number };
  readonly children: ChildrenReader;
  readonly usage: UsageReader;
}

/** The processes of a server that is asked by SQL, and perhaps runs on this machine. */
export function ownServer(major: number): OwnServer {
  let readers: Readers | null = null;
  let line: Promise<unknown> = Promise.resolve();

  async function usage(own: Backend | undefined, complete: boolean): Promise<UsageRead | null> {
    const postmaster = own === undefined ? null : ownPostmaster(own.pid, own.backendStartSeconds);
    if (postmaster === null) return null;
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
  function inTurn(own: Backend | undefined, complete: boolean): Promise<UsageRead | null> {
    const result = line.then(() => usage(own, complete)).catch(failed);
    line = result;
    return result;
  }

  /** What SQL has told stands without it, and the next one begins anew. */
  function failed(): null {
    readers = null;
    return null;
  }

  return {
    begin(wish = false, own) {
      if (wish === false) return () => Promise.resolve(null);
      const begun = own === undefined ? null : inTurn(own, wish === "complete");
      return (own) => begun ?? inTurn(own, wish === "complete");
    },
  };
}

function isSession({ backendType }: Title): boolean {
  return backendType === "client backend";
}
