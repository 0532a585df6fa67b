import type { Forecast } from "../history/forecast.ts";
import { coarseDuration, duration } from "../text/format.ts";
import type { Tone } from "./line.ts";

/** "+2.1/min, full in about 1m54"; "+2.1/min, role report full in about 1m54"; null when nothing is foretold. */
export function forecastWords(forecast: Forecast | null): string | null {
  if (forecast === null) return null;
  const { perMinute, fullInSeconds, limit } = forecast;
  const what = limit === null ? "" : `${limit.kind} ${limit.name} `;
  return `${paceWords(perMinute)}, ${what}full in about ${aboutWords(fullInSeconds)}`;
}

/** Time to act is short. */
export function forecastTone({ fullInSeconds }: Forecast): Tone {
  return fullInSeconds < SOON_SECONDS ? "warn" : "title";
}

const SOON_SECONDS = 300;

/** "+2.1/min": sessions more in each minute. */
export function paceWords(perMinute: number): string {
  return `+${perMinute < 9.95 ? perMinute.toFixed(1) : Math.round(perMinute)}/min`;
}

/** Nobody foretells the seconds of a quarter of an hour. */
function aboutWords(seconds: number): string {
  return seconds >= 60 && seconds < 600 ? duration(seconds) : coarseDuration(seconds);
}
