import { expect, test } from "vitest";
import { ownServer } from "../../src/source/host/own-server.ts";
import { aBackend } from "./builders.ts";

test("what cannot be read of the machine is not known, and takes no sample with it", async () => {
  const broken = Object.defineProperty({ ...aBackend() }, "pid", {
    get(): number {
      throw new Error("EMFILE: too many open files");
    },
  });
  const server = ownServer(18);
  expect(await server.begin(true, broken)(broken)).toBeNull();
  expect(await server.begin(true, undefined)(undefined)).toBeNull();
});
