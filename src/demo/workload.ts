import type { ForkOptions } from "node:child_process";
import { fork } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { PostgresServer } from "./postgres/launch.ts";
import type { ScenarioName } from "./scenarios/index.ts";

export interface Workload {
  stop(): void;
}

/** A hundred sessions in a process of their own: the dashboard's event loop has a screen to keep smooth. */
export function startWorkload(
  scenario: ScenarioName,
  { socketDir, port }: PostgresServer,
  say: (sentence: string) => void,
): Workload {
  const child = fork(ENTRY, [scenario, socketDir, String(port)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // In a session of its own: Ctrl-C and Ctrl-Z are for the dashboard, and an incident goes on while nobody looks.
    detached: true,
    ...LOADER,
  });
  let stopping = false;
  let complaint = "";
  child.stderr
    ?.setEncoding("utf8")
    .on("data", (chunk: string) => (complaint = (complaint + chunk).slice(-COMPLAINT_LENGTH)));
  child.on("error", (error) => say(`the workload could not be started: ${error.message}`));
  child.on("exit", () => {
    if (!stopping) say(`the workload ended by itself: ${complaint.trim()}`);
  });
  child.unref();
  child.channel?.unref();
  return {
    stop() {
      stopping = true;
      child.kill("SIGKILL"); // it has nothing to tidy up: its sessions end with its sockets
    },
  };
}

/** Beside this file, compiled as this file is or not. */
const OWN_PATH = fileURLToPath(import.meta.url);
const ENTRY = path.join(path.dirname(OWN_PATH), `workload-process${path.extname(OWN_PATH)}`);

/** From source (a checkout's tests), Node 20 needs somebody to take the types away; from dist it does not. */
const LOADER: ForkOptions = OWN_PATH.endsWith(".ts")
  ? { execArgv: ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href] }
  : { execArgv: [] };

const COMPLAINT_LENGTH = 2_000;
