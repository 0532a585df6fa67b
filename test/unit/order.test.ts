import { expect, test } from "vitest";
import { answersOf, assertNamed } from "../../src/source/order.ts";
import { anOrder, backends, SERVER_NOW } from "./builders.ts";

test("an order took effect when the first of its targets was signalled: who comes back before the last one was, has come since", () => {
  const order = anOrder({ targets: backends(2) });
  const row = (n: number, secondsLater: number): string[] => [
    String(n),
    String(order.targets[n]!.pid),
    order.targets[n]!.backendStart!,
    "sent",
    "idle",
    String(SERVER_NOW + secondsLater),
  ];
  expect(answersOf(order, [row(1, 0.02), row(0, 0.01)]).serverSeconds).toBeCloseTo(SERVER_NOW + 0.01, 6);
});

test("an order that was given in one lane is not for another, which names sessions in other words", () => {
  const [one, two] = backends(2);
  const foreign = { ...two!, backendStart: "proc 81234" };
  expect(() => assertNamed(anOrder({ targets: [one!] }), "server")).not.toThrow();
  expect(() => assertNamed(anOrder({ targets: [foreign] }), "kernel")).not.toThrow();
  for (const lane of ["server", "kernel"] as const)
    expect(() => assertNamed(anOrder({ targets: [one!, foreign] }), lane)).toThrow(/was shown by another lane/);
});
