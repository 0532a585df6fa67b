import { setTimeout as delay } from "node:timers/promises";

/** Asks again and again until the answer satisfies; the last answer is in the failure, because that is what one wants to see. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  satisfies: (answer: T) => boolean,
  { withinMs = 10_000, everyMs = 20 } = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${what}; last seen: ${JSON.stringify(answer)}`);
    }
    await delay(everyMs);
  }
}
