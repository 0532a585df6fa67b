import { expect, test } from "vitest";
import { ownServer, type OwnSession } from "../../src/source/host/own-server.ts";
import { aBackend } from "./builders.ts";

test("what cannot be read of the machine is not known, and takes no sample with it", async () => {
  const broken = Object.defineProperty({ ...aBackend() }, "pid", {
    get(): number {
      throw new Error("EMFILE: too many open files");
    },
  });
  const told = (own: OwnSession["own"]): OwnSession => ({ own, pids: () => [] });
  const server = ownServer(18);
  expect(await server.begin(true, told(broken))(told(broken))).toBeNull();
  expect(await server.begin(true, told(undefined))(told(undefined))).toBeNull();
});
