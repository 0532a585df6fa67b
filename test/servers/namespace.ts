import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A server in a pid namespace of its own, where the next pid can be chosen. */
export interface NamespaceServer {
  readonly url: string;
  /** The next process that anybody begins there gets this pid, if it is free. */
  nextPid(pid: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Linux lets who rules a pid namespace say which pid was the last: root in one of its own, an ordinary user in one within a user
 * namespace, where it stays itself (PostgreSQL refuses to run as root) and keeps the capability for it. Where the machine permits
 * neither (a container, another system), the answer is why.
 */
export async function serverInNamespace(major: number): Promise<NamespaceServer | string> {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-current-user", "--keep-caps"];
  const child = spawn(
    "unshare",
    [
      ...user,
      "--pid",
      "--fork",
      "--kill-child",
      "--mount-proc",
      process.execPath,
      "--import",
      "tsx",
      LAUNCHER,
      String(major),
    ],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  child.stdin.on("error", () => {}); // it may be gone before it hears us
  const ended = new Promise<null>((resolve) => {
    child.once("error", (error) => {
      complaint += error.message;
      resolve(null);
    });
    child.once("close", () => resolve(null));
  });
  const lines = createInterface({ input: child.stdout });
  const said = (): Promise<string | null> => Promise.race([once(lines, "line").then(([line]) => String(line)), ended]);

  const first = await said();
  if (first === null)
    return (
      complaint
        .trim()
        .split("\n")
        .find((line) => /unshare|Error/.test(line)) ?? complaint.trim()
    );
  const { host, port } = JSON.parse(first) as { host: string; port: number };
  return {
    url: `postgres://postgres@${host}:${port}/postgres`,
    async nextPid(pid) {
      const answer = said();
      child.stdin.write(`${pid}\n`);
      if ((await answer) === null) throw new Error(`the server in the namespace has ended: ${complaint}`);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

const LAUNCHER = fileURLToPath(new URL("launch-in-namespace.ts", import.meta.url));
