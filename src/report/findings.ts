import { statementsOf, type Finding } from "../advice/rule.ts";
import { stepWords } from "../advice/steps.ts";
import { wrap } from "../text/fit.ts";

/** For scripts: `next` are sentences, with the statement where there is one; `sql` has the statements alone. */
export function findingRecord({ id, about, severity, title, evidence, next, avoid, sessions }: Finding): object {
  return {
    id,
    about,
    severity,
    title,
    evidence,
    next: next.map(stepWords),
    sql: next.flatMap(statementsOf),
    avoid,
    pids: sessions.map(({ pid }) => pid),
  };
}

/** For a person: each with what it rests on and what to do. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ severity, title, evidence, next, avoid }) => [
    ...wrapped(title, `${WORDS[severity]}: `),
    ...evidence.flatMap((one) => wrapped(one, "    - ")),
    ...next.flatMap((step, i) => [
      ...wrapped(step.text, `    ${i + 1}. `),
      // A statement stays in one piece: it is there to be pasted.
      ...statementsOf(step).map((sql) => `       ${sql}`),
    ]),
    // Each says "do not" by itself.
    ...avoid.flatMap((one) => wrapped(one, "    ! ")),
  ]);
}

const WORDS: Readonly<Record<Finding["severity"], string>> = { critical: "CRITICAL", warning: "WARNING", info: "note" };
const WIDTH = 100;

function wrapped(text: string, head: string): string[] {
  return wrap([text], WIDTH - head.length).map((piece, i) => `${i === 0 ? head : " ".repeat(head.length)}${piece}`);
}
