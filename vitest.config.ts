import { defineConfig } from "vitest/config";

// unit: the pure core. postgres: real servers. terminal: the built bin in a pty. Two cores are common in CI: one file at a
// time where servers and ptys are at work, so that a slow machine is slow and not wrong.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], isolate: false, testTimeout: 180_000 } },
      {
        test: {
          name: "postgres",
          include: ["test/postgres/**/*.test.ts"],
          globalSetup: ["test/servers/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "terminal",
          include: ["test/terminal/**/*.test.ts"],
          globalSetup: ["test/servers/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
