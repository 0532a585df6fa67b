import { expect, test } from "vitest";
import { changeSince } from "../../src/state/as-shown.ts";
import { aBackend } from "./builders.ts";

test("in the host lane a cancel is meant for one command, by its name", () => {
  const host = { backendStart: "proc 4711", queryAge: null, xactAge: null, stateAge: null, state: "active" };
  const shown = aBackend({ ...host, query: "SELECT …" });
  expect(changeSince(shown, aBackend({ ...host, query: "SELECT …" }), "cancel")).toBeNull();
  const other = aBackend({ ...host, query: "UPDATE …" });
  expect(changeSince(shown, other, "cancel")).toEqual({ kind: "went-on", state: "active", what: "query" });
  expect(changeSince(shown, other, "terminate")).toBeNull();
  // It has been at something else in between, as a sample has shown.
  const again = aBackend({ ...host, query: "SELECT …", stateAge: 1 });
  expect(changeSince(shown, again, "cancel")).toEqual({ kind: "went-on", state: "active", what: "query" });
});
