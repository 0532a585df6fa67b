import { expect, test } from "vitest";
import { aHiddenBackend, anAuxiliary, aSample, aServer, backends } from "../builders.ts";
import { said } from "./context.ts";

const ID = "hidden-backends";
const hidden = (n: number) => Array.from({ length: n }, (_, i) => aHiddenBackend({ pid: 500 + i }));

test("how many of how many, and what would show them", () => {
  const [found] = said(ID, aSample({ backends: [...backends(3), ...hidden(8)], server: aServer({ user: "Me" }) }));
  expect(found!.title).toBe("8 of 11 sessions are hidden from Me: what they do, and whom they block, is not seen");
  expect(found!.next[0]!.sql).toBe('GRANT pg_monitor TO "Me";');
  expect(found!.evidence).toContain("slots used: 3 surely, 11 at most");
});

test("processes of the server's own are no sessions that are hidden", () => {
  const checkpointer = { ...anAuxiliary("checkpointer", 77), backendType: null };
  expect(said(ID, aSample({ backends: [...backends(3), checkpointer] }))).toEqual([]);
});

test("nothing is said where nothing is hidden, or where no grant would help", () => {
  expect(said(ID, aSample({ backends: backends(3) }))).toEqual([]);
  const server = aServer({ lane: "host", tuning: null });
  expect(said(ID, aSample({ backends: hidden(3), server }))).toEqual([]);
});
