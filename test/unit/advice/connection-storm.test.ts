import { describe, expect, test } from "vitest";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServer, backends, SERVER_NOW } from "../builders.ts";
import { said, titlesAmong } from "./context.ts";
import { rush } from "./scenarios.ts";

const ID = "connection-storm";

test.each([
  [19, 0, false],
  [20, 0, true],
  [20, 80, true],
  [20, 81, false],
])("%i sessions opened within seconds beside %i others: %s", (opened, others, storm) => {
  const sessions = [...rush(opened), ...backends(others)];
  expect(titlesAmong(ID, sessions)).toHaveLength(storm ? 1 : 0);
});

test("one application on many clients, or many applications", () => {
  expect(titlesAmong(ID, rush(50))).toEqual(["50 sessions opened within 2.0s, 12.0s ago, by lambda from 40 clients"]);
  const many = rush(50, { clientAddress: "10.0.0.1" }).map((b, i) => ({ ...b, application: `app-${i % 3}` }));
  expect(titlesAmong(ID, many)).toEqual(["50 sessions opened within 2.0s, 12.0s ago, by 3 applications"]);
});

test("only the seconds in which most came count", () => {
  const slowly = backends(50).map((b, i) => ({ ...b, backendStartSeconds: SERVER_NOW - i }));
  expect(titlesAmong(ID, slowly)).toEqual([]);
  const [title] = titlesAmong(ID, [...slowly.slice(20), ...rush(30)]);
  expect(title).toMatch(/^3[0-9] sessions opened within/);
});

test("what is longer ago than a minute is over", () => {
  expect(
    titlesAmong(
      ID,
      rush(50).map((b) => ({ ...b, backendStartSeconds: b.backendStartSeconds! - 55 })),
    ),
  ).toEqual([]);
});

test("nobody knows when hidden sessions were opened, but they count among those that hold slots", () => {
  const hidden = Array.from({ length: 81 }, (_, i) => aHiddenBackend({ pid: 200 + i }));
  expect(titlesAmong(ID, [...rush(20), ...hidden])).toEqual([]);
  expect(titlesAmong(ID, hidden)).toEqual([]);
});

test("our own session is none of them", () => {
  const own = aBackend({ pid: 99, connectedAge: 10 });
  expect(titlesAmong(ID, [...rush(19), own])).toEqual([]);
});

describe("everybody has to connect anew", () => {
  test("after the server was started: that is told, and is no storm", () => {
    const server = aServer({ startedSeconds: SERVER_NOW - 14 });
    const [found] = said(ID, aSample({ backends: rush(50), server }));
    expect(found).toMatchObject({
      severity: "info",
      about: "restart",
      title: "50 sessions came back within 2.0s, 2.0s after the server was started",
    });
  });

  test("after a crash, in which the postmaster lives on and its checkpointer is a new one", () => {
    const checkpointer = { ...anAuxiliary("checkpointer", 77), backendStartSeconds: SERVER_NOW - 13 };
    const [found] = said(ID, aSample({ backends: [checkpointer, ...rush(50)] }));
    expect(found).toMatchObject({ severity: "warning", about: "crash" });
    expect(found!.title).toBe("all sessions were lost 12.0s ago and 50 came back within 2.0s: a backend crashed");
  });

  test("while a checkpointer as old as the server says nothing", () => {
    const server = aServer({ startedSeconds: SERVER_NOW - 900 });
    const checkpointer = { ...anAuxiliary("checkpointer", 77), backendStartSeconds: SERVER_NOW - 899 };
    expect(said(ID, aSample({ backends: [checkpointer, ...rush(50)], server }))[0]?.about).toBe("");
  });
});

test("it is critical when it takes the last slots", () => {
  const [found] = said(ID, aSample({ backends: [...backends(40), ...rush(52)] }));
  expect(found!.severity).toBe("critical");
});
