const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An age in at most six characters: 38ms, 2.1s, 14m03, 2h11, 3d04h, 412d; empty when unknown. */
export function duration(seconds: number | null): string {
  if (seconds === null) return "";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)}ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < HOUR) return `${Math.trunc(whole / MINUTE)}m${two(whole % MINUTE)}`;
  if (whole < DAY) return `${Math.trunc(whole / HOUR)}h${two(Math.trunc((whole % HOUR) / MINUTE))}`;
  const days = Math.trunc(whole / DAY);
  return days < 100 ? `${days}d${two(Math.trunc((whole % DAY) / HOUR))}h` : `${days}d`;
}

/** The same without seconds beyond the first minute, for ages in which nobody counts them: 38s, 14m, 2h11. */
export function coarseDuration(seconds: number | null): string {
  if (seconds === null) return "";
  if (seconds < 59.5) return `${Math.round(seconds)}s`;
  if (seconds < HOUR) return `${Math.trunc(seconds / MINUTE)}m`;
  return duration(seconds);
}

/** A length of time as a person says it, without a fraction that nobody needs: "20 min", "36 s", "3 h". */
export function span(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.round(seconds / HOUR)} h`;
  return `${Math.round(seconds / DAY)} d`;
}

/** A count in at most five characters: 812, 41.2k, 41.2M, 2.1G; empty when unknown. */
export function count(value: number | null): string {
  if (value === null) return "";
  if (value < 10_000) return String(Math.round(value));
  for (const [unit, size] of UNITS) {
    if (value < size * 999.5) return `${(value / size).toFixed(value < size * 99.95 ? 1 : 0)}${unit}`;
  }
  return `${Math.round(value / 1e9)}G`;
}

/** "30s", "5m", "1h30m", "2d", "90" (seconds) as seconds; null when it is none of these. */
export function parseDuration(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  let rest = text;
  let seconds = 0;
  while (rest !== "") {
    const part = /^(\d+(?:\.\d+)?)(ms|s|min|m|h|d)/.exec(rest);
    if (part === null) return null;
    seconds += Number(part[1]) * UNIT_SECONDS[part[2]!]!;
    rest = rest.slice(part[0].length);
  }
  return text === "" ? null : seconds;
}

/** One noun with its number: "1 backend", "8 backends". */
export function plural(n: number, noun: string, many = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : many}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ["k", 1e3],
  ["M", 1e6],
  ["G", 1e9],
];
const UNIT_SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: MINUTE, min: MINUTE, h: HOUR, d: DAY };

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}
