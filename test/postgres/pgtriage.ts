import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { openSource } from "../../src/commands/open.ts";
import { conninfo } from "../../src/connection/conninfo.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Source } from "../../src/source/postgres.ts";

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Result>;
}

/** The built program as a script runs it: no terminal, nothing of the developer's own variables, passwords and settings. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PG|NO_COLOR)/.test(name));
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...Object.fromEntries(inherited), ...IMPERSONAL, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (said.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said.stderr += chunk));
  const ended = new Promise<Result>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...said }));
  });
  return { child, ended };
}

export function pgtriage(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> {
  return start(args, env).ended;
}

/** A password that must never be seen again. */
export const SECRET = "s3cr3t-t0ken";

/** By the lane that was asked for and no other: exit 1, one line that begins with our name, nothing on stdout, no stack, no password. */
export async function refused(url: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr } = await pgtriage(["snapshot", url, "--lane", "normal"], env);
  expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^pgtriage: [^\n]+[.?]\n$/);
  expect(stderr).not.toMatch(/internal error|\.[jt]s:\d|node:| at [A-Z]\w+\.|undefined|\[object/);
  expect(stderr).not.toContain(SECRET);
  return stderr;
}

/** What the tests read of `pgtriage.snapshot/1`. */
export interface Snapshot {
  readonly rights: { seeAll: boolean; cancel: boolean; terminate: boolean; hiddenBackends: number; missing: string[] };
  readonly slots: {
    max: number;
    superuserReserved: number;
    reserved: number;
    app: number;
    used: number | null;
    usedAtLeast: number;
    usedAtMost: number;
    free: { app: number | null; reserved: number | null; superuser: number | null };
    level: string;
    walsenders: { used: number | null; max: number };
    limits: { kind: string; name: string; limit: number; used: number | null }[];
  };
  readonly states: Record<string, number>;
  readonly holders: { by: string; name: string | null; count: number; states: Record<string, number> }[];
  readonly backends: Record<string, unknown>[];
  readonly [other: string]: unknown;
}

/** `pgtriage snapshot --format json`, which must succeed and say nothing beside its JSON. */
export async function snapshotOf(url: string): Promise<Snapshot> {
  const { code, stdout, stderr } = await pgtriage(["snapshot", url, "--format", "json"]);
  if (code !== 0 || stderr !== "") throw new Error(`snapshot: exit ${code}, stderr: ${stderr}`);
  return JSON.parse(stdout) as Snapshot;
}

/** The kept connection itself, as the dashboard has it. */
export async function sourceOf(url: string): Promise<Source> {
  return (await openSource(conninfo({ words: [url] }, {}))).source;
}

/** A part of the workings of a server that has it, and refuses nothing. */
export function there<T>(part: T | "none" | null | undefined): T | undefined {
  return part === "none" || part === null ? undefined : part;
}

export function backendOf(sample: Sample, pid: number | undefined): Backend | undefined {
  return sample.backends.find((backend) => backend.pid === pid);
}

const IMPERSONAL = {
  HOME: path.join(tmpdir(), "pgtriage-no-home"),
  XDG_CONFIG_HOME: path.join(tmpdir(), "pgtriage-without-settings"),
};

export const BIN = fileURLToPath(new URL("../../bin/pgtriage.js", import.meta.url));
