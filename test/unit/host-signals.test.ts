import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const DIRECTORY = new URL("../../src/source/host/", import.meta.url);

test("no file of the host lane knows another signal than the two, and one alone sends them", () => {
  const files = readdirSync(DIRECTORY).map((name) => ({ name, text: readFileSync(new URL(name, DIRECTORY), "utf8") }));
  const named = files.flatMap(({ text }) => text.match(/\bSIG[A-Z0-9]+\b/g) ?? []);
  expect([...new Set(named)].sort()).toEqual(["SIGINT", "SIGTERM"]);
  const senders = files.filter(({ text }) => /\.kill\b|child_process|worker_threads/.test(text));
  expect(senders.map(({ name }) => name)).toEqual(["signal.ts"]);
});
