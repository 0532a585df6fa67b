import { expect, test } from "vitest";
import { aSample, aServer, backends } from "../builders.ts";
import { said, titles } from "./context.ts";

const ID = "half-open-flood";
const halfOpen = (n: number, connectedAge = 20) =>
  backends(n, { backendType: "half-open", user: null, state: null, connectedAge });
const starting = (n: number, connectedAge = 20) =>
  backends(n, { pid: 3000, user: null, state: "starting", connectedAge });
const host = aServer({ lane: "host", tuning: null });

test.each([
  [9, 0],
  [10, 1],
])("%i half-open connections, of 100 slots", (n, found) => {
  expect(said(ID, aSample({ backends: halfOpen(n), server: host }))).toHaveLength(found);
});

test("whoever has just come may still say who he is", () => {
  expect(said(ID, aSample({ backends: halfOpen(50, 4.9), server: host }))).toEqual([]);
  expect(said(ID, aSample({ backends: starting(50, 0.1) }))).toEqual([]);
});

test("from 18 on those that authenticate for ever are seen by SQL as well, and hold slots", () => {
  const [found] = said(ID, aSample({ backends: [...backends(4), ...starting(94)] }));
  expect(found).toMatchObject({
    severity: "critical",
    title: "94 connections have not become sessions, and ordinary roles are refused",
  });
  expect(found!.evidence.slice(0, 2)).toEqual([
    "94 have not finished authenticating: each holds a connection slot meanwhile",
    "4 sessions on 100 slots",
  ]);
});

test("when nobody is let in any more, it says so, and who they are from", () => {
  const postmaster = {
    pid: 1,
    osUser: "postgres",
    dataDirectory: null,
    limitsFrom: null,
    limitsDoubt: null,
    refuses: "everybody" as const,
    tellsActivity: true,
  };
  const server = aServer({ lane: "host", tuning: null, postmaster });
  const unfinished = [
    { client: "10.9.9.9", count: 200 },
    { client: "10.9.9.8", count: 20 },
  ];
  const [found] = said(ID, aSample({ backends: halfOpen(220), unfinished, server }));
  expect(found).toMatchObject({
    severity: "critical",
    title: "220 connections have not become sessions, and the server lets nobody in",
  });
  expect(found!.evidence.at(-1)).toBe("from 10.9.9.9 (200) and 10.9.9.8 (20)");
});

test("sessions are none, however many", () => {
  expect(titles(ID, aSample({ backends: backends(94) }))).toEqual([]);
});
