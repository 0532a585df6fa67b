import { phrase, type Action, type Answers, type Order, type Verdict } from "../../src/model/action.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { backendOf } from "./pgtriage.ts";

let orders = 0;

/** An order as the dialog makes one, with its phrase and all the time there is, unless said otherwise. */
export function anOrder(action: Action, targets: readonly Backend[], given: Partial<Order> = {}): Order {
  const typed = phrase(action, targets);
  return { id: ++orders, action, targets, typed, at: Date.now(), notAfterSeconds: FAR, ...given };
}

export function verdicts({ answers }: Answers): readonly Verdict[] {
  return answers.map(({ verdict }) => verdict);
}

/** What the server said to an order against this one backend. */
export async function verdict(source: Source, action: Action, target: Backend): Promise<Verdict> {
  return verdicts(await source.signal(anOrder(action, [target])))[0]!;
}

/** The row of that pid as it is listed, as soon as it is so. */
export async function shown(
  source: Source,
  pid: number,
  holds: (backend: Backend) => boolean = () => true,
): Promise<Backend> {
  const found = await eventually(
    `${pid} is listed as expected`,
    async () => backendOf(await source.read(), pid),
    (backend) => backend !== undefined && holds(backend),
  );
  return found!;
}

export const inState =
  (state: string) =>
  (backend: Backend): boolean =>
    backend.state === state;

/** Later than any clock of a test's server. */
const FAR = 4_000_000_000;
