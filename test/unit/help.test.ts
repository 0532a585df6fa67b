import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/settings/command-table.ts";
import { help } from "../../src/settings/help.ts";
import { flagOf, optionsOf } from "../../src/settings/option-table.ts";

const names = COMMANDS.map(({ name }) => name);

test("the page for everybody fits two screens at 80 columns", () => {
  expect(help("dashboard", 80).trimEnd().split("\n").length).toBeLessThanOrEqual(76);
});

describe.each(names)("the help of %s", (name) => {
  test.each([40, 60, 80, 100, 200])("is never wider than a terminal of %i columns", (columns) => {
    for (const line of help(name, columns).split("\n")) {
      // What would not survive being broken is left whole: a URI, a line to copy.
      if (/:\/\/|<\(|\[CONNINFO/.test(line)) continue;
      expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });

  test("names every option that it takes, and none that it does not", () => {
    const named = help(name, 80).match(/(?<=^ .{5})--[a-z-]+(?= )/gm) ?? [];
    const taken = name === "completion" ? [] : optionsOf(name).map(flagOf);
    expect(new Set(named)).toEqual(
      new Set(
        taken
          .flatMap((flag) => (flag === "--password" ? [flag, "--no-password"] : [flag]))
          .concat(name === "completion" ? [] : ["--help", "--version"]),
      ),
    );
  });
});
