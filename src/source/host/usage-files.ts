import { contentOf, smallFile } from "./processes.ts";

/** Bytes that a process has had read from disks and written to them, since its start. */
export interface DiskBytes {
  readonly read: number;
  readonly written: number;
}

/** Of /proc/PID/io; null where we may not look, which only its own user and root may. */
export function diskBytes(pid: number): DiskBytes | null {
  return parseIo(smallFile(`/proc/${pid}/io`) ?? "");
}

export function parseIo(text: string): DiskBytes | null {
  const read = numberAfter("read_bytes", text);
  const written = numberAfter("write_bytes", text);
  return read === null || written === null ? null : { read, written };
}

/** Memory that pages share among processes counts here by share. Null in kernels that do not tell anonymous memory by itself. */
export function parseRollup(text: string): number | null {
  return bytesAfter("Pss_Anon", text);
}

export interface StatusMemory {
  /** Anonymous pages of its own, and those that it still shares with its parent. */
  readonly anonymousBytes: number | null;
  readonly pageTableBytes: number | null;
}

/** Of /proc/PID/status, which everybody may read, and which takes no lock. */
export function statusMemory(pid: number): StatusMemory {
  return parseStatusMemory(smallFile(`/proc/${pid}/status`) ?? "");
}

export function parseStatusMemory(text: string): StatusMemory {
  return { anonymousBytes: bytesAfter("RssAnon", text), pageTableBytes: bytesAfter("VmPTE", text) };
}

/** Seconds since the kernel began to count ticks. */
export function uptimeSeconds(): number | null {
  const seconds = Number.parseFloat(contentOf("/proc/uptime") ?? "");
  return Number.isFinite(seconds) ? seconds : null;
}

function bytesAfter(name: string, text: string): number | null {
  const kilobytes = numberAfter(name, text);
  return kilobytes === null ? null : kilobytes * 1024;
}

function numberAfter(name: string, text: string): number | null {
  const digits = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}
