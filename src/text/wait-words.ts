import { own } from "./own.ts";
import { ACTIVITY, CLIENT, IPC, LOCKS, TIMEOUTS } from "./wait-events.ts";
import { ioWords, latchWords } from "./wait-places.ts";

/** What a process waits for, in plain words; null: it waits for nothing that PostgreSQL has a name for. */
export function waitWords(type: string | null, event: string | null): string | null {
  if (type === null) return null;
  const known = event === null ? null : knownWait(type, event);
  if (known !== null) return known;
  const words = own(TYPES, type) ?? `waits (${type})`;
  return event === null || event === type ? words : `${words}: ${event}`;
}

/** The words for that very event; null: there are only those for its type. */
export function knownWait(type: string, event: string): string | null {
  const name = spelt(event);
  switch (type) {
    case "Activity":
      return own(ACTIVITY, name) ?? (name.endsWith("main") ? ASLEEP : null);
    case "Client":
      return own(CLIENT, name) ?? null;
    case "IPC":
      return own(IPC, name) ?? own(CLIENT, name) ?? (name.startsWith("hash") ? PARALLEL_HASH : null);
    case "Lock":
      return own(LOCKS, name) ?? null;
    case "Timeout":
      return own(TIMEOUTS, name) ?? null;
    case "LWLock":
      return latchWords(name);
    case "IO":
      return ioWords(name);
    // One event up to 18; from 19 on four, of another type.
    case "BufferPin":
    case "Buffer":
      return /pin|cleanup/.test(name)
        ? "waits until nobody looks at a page that it has to tidy up"
        : "waits for a page in memory that others use";
    default:
      return null;
  }
}

/** Whether it rests, because there is nothing for it to do. */
export function isAsleep(type: string | null): boolean {
  return type === "Activity";
}

/** An event is spelt in many ways: AutoVacuumMain and AutovacuumMain, WALWriteLock and WALWrite, buffer_content and BufferContent. */
function spelt(event: string): string {
  return event.toLowerCase().replace(/[^a-z0-9]/g, "");
}

const ASLEEP = "asleep until there is work";
const PARALLEL_HASH = "waits for the others of its parallel hash join";

const TYPES: Readonly<Record<string, string>> = {
  Activity: "asleep",
  Client: "waits for somebody at the other end",
  IPC: "waits for another process (IPC)",
  Lock: "waits for a lock",
  Timeout: "waits for a time to pass",
  LWLock: "waits for its turn at shared memory",
  IO: "waits for a file (IO)",
  Extension: "waits in an extension",
  InjectionPoint: "held at a point that a test has set",
};
