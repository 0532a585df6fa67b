import { courseOf } from "./course-of.ts";
import type { History } from "./history.ts";

/** The most slots that were surely used at once, as far back as the history goes; null: nothing was read. */
export const mostUsed = peak(courseOf((_, { used }) => used));

/** The most sessions that were at work at once. */
export const mostActive = peak(courseOf((_, { active }) => active));

function peak(course: ReturnType<typeof courseOf>): (history: History) => number | null {
  return ({ entries }) => {
    const { values } = course(entries);
    return values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value));
  };
}
