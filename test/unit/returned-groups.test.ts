import { expect, test } from "vitest";
import { returnedGroups } from "../../src/state/returned-groups.ts";
import { anOutcome, aSample } from "./builders.ts";

const returned = [
  { user: "app", database: "shop", application: "leaky", client: "10.0.0.7", ended: 6, came: 6, firstSeconds: 0.04 },
];

test("what came back, and how long ago it was ended by the server's clock", () => {
  expect(returnedGroups([anOutcome({ returned })], aSample({ secondsLater: 4 }))).toEqual([
    { role: "app", application: "leaky", client: "10.0.0.7", ended: 6, came: 6, secondsAgo: 4 },
  ]);
});

test("not after a restart, nor where nobody knows whether the order was carried out", () => {
  const failure = { reason: "the network dropped it", unknown: true };
  expect(
    returnedGroups([anOutcome({ returned, restarted: true }), anOutcome({ returned, failure })], aSample()),
  ).toEqual([]);
});

test("the same array for the same sample, so that findings are found once", () => {
  const [outcomes, sample] = [[anOutcome({ returned })], aSample()];
  expect(returnedGroups(outcomes, sample)).toBe(returnedGroups(outcomes, sample));
});
