import { describe, expect, test } from "vitest";
import { closeLook } from "../../src/source/close-look.ts";

describe("a message that failed is sent again without what a sample does not need", () => {
  const OCCASION = { serverSeconds: 1000, slow: true, counters: true, workings: true };

  test.each([
    ["a view that was taken from everybody", { severity: "ERROR", code: "42501" }, true],
    ["the same, on a server that speaks German", { severity: "FEHLER", code: "42501" }, true],
    ["a collector of statistics that hangs", { severity: "FEHLER", code: "57014" }, true],
    ["the server shuts down", { severity: "FATAL", code: "57P01" }, false],
    ["our session was ended by a time-out", { severity: "FATAL", code: "25P03" }, false],
    ["the network is gone", { code: "ECONNRESET" }, false],
    ["no answer came", {}, false],
  ])("%s", (_, error, again) => {
    const close = closeLook(18);
    close.asks(OCCASION);
    expect(close.blamed(error, 1000)).toBe(again);
    expect(close.asks(OCCASION).length > 0).toBe(!again);
    expect(close.asks({ ...OCCASION, serverSeconds: 1300 }).length).toBeGreaterThan(0);
  });

  test("not where nothing more than a sample needs was asked", () => {
    const close = closeLook(18);
    close.asks({ ...OCCASION, counters: false, workings: false });
    expect(close.blamed({ severity: "ERROR", code: "57014" }, 1000)).toBe(false);
  });
});
