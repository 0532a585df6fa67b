import type { Sample } from "../model/reading.ts";

/** What a sample costs: "3.1 ms". */
export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** Our weight, in half a sentence: what a sample keeps the server and us busy, and how often. */
export function costWords({ costMs, serverMs, ownMs, server }: Sample, intervalSeconds: number): string {
  const share = (ms: number): string => `${((ms / 1000 / intervalSeconds) * 100).toFixed(1)} %`;
  if (server.lane === "host")
    return `a sample takes ${milliseconds(costMs)} of this machine, ${share(costMs)} of the time`;
  return `a sample takes ${milliseconds(costMs)}: the server is busy with it for ${milliseconds(serverMs)} (${share(serverMs)} of the time), we for ${milliseconds(ownMs)}`;
}
