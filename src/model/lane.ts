/**
 * The way in, in the order in which they are tried:
 * - `normal`: as the user asked.
 * - `rescue`: as `--rescue` says, another role or another road.
 * - `walsender`: `replication=database`. From PostgreSQL 12 on it takes one of max_wal_senders and no connection slot.
 * - `host`: no SQL at all, on the server's own machine: the processes of the postmaster, read from /proc.
 */
export type Lane = "normal" | "rescue" | "walsender" | "host";

export const LANES: readonly Lane[] = ["normal", "rescue", "walsender", "host"];

/** A lane that does not let us in, and why: one sentence or two. */
export interface ClosedLane {
  readonly lane: Lane;
  readonly why: string;
  /** A slot was wanting, or room for another process: waiting may help, and whoever watches has to be told. */
  readonly forWantOfSlot: boolean;
}

/** Sessions are named by what the server calls their start, or by what the kernel does: the two cannot be compared letter by letter. */
export function speaksSql(lane: Lane): boolean {
  return lane !== "host";
}
