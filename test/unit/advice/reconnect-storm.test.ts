import { expect, test } from "vitest";
import type { ReturnedGroup } from "../../../src/advice/rule.ts";
import { aSample, aServer, backends } from "../builders.ts";
import { aReturnedGroup, said } from "./context.ts";

const ID = "reconnect-storm";
const found = (given: Partial<ReturnedGroup>, there = 9, server = aServer()) =>
  said(ID, aSample({ backends: backends(there, { application: "leaky", clientAddress: "10.0.0.7" }), server }), {
    returned: [aReturnedGroup(given)],
  });

test.each<[string, Partial<ReturnedGroup>, string | null]>([
  ["as many", {}, "6 ended, 6 came back from leaky@10.0.0.7: net 0 slots"],
  ["more", { came: 8 }, "6 ended, 8 came back from leaky@10.0.0.7: 2 slots more used than before"],
  ["fewer: slots were won", { came: 5 }, null],
  ["none", { came: 0 }, null],
  ["the one session that was ended", { ended: 1, came: 1 }, null],
  ["a minute later", { secondsAgo: 61 }, null],
])("%s came back", (_, given, title) => {
  expect(found(given)[0]?.title ?? null).toBe(title);
});

test("the source is to be stopped; a limit for its role keeps it out", () => {
  const [finding] = found({});
  expect(finding!.next[0]!.text).toMatch(/^stop the source on 10\.0\.0\.7/);
  expect(finding!.next[1]!.sql).toBe("ALTER ROLE app CONNECTION LIMIT 3;");
  expect(found({}, 9, aServer({ superusers: ["app"] }))[0]!.next.flatMap(({ sql }) => sql ?? [])).toEqual([]);
  expect(finding!.sessions).toHaveLength(9);
});

test("nothing was ended, nothing is said", () => {
  expect(said(ID, aSample({ backends: backends(9) }))).toEqual([]);
});

test("the limit leaves room for whatever else connects as this role", () => {
  const theirs = backends(9, { application: "leaky", clientAddress: "10.0.0.7" });
  const others = backends(20, { pid: 900, application: "shop", clientAddress: "10.0.0.8" });
  const [finding] = said(ID, aSample({ backends: [...theirs, ...others] }), { returned: [aReturnedGroup()] });
  expect(finding!.next[1]!.sql).toBe("ALTER ROLE app CONNECTION LIMIT 23;");
});
