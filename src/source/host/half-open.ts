import { isIP } from "node:net";
import type { Backend } from "../../model/backend.ts";
import type { FoundPostmaster } from "./postmasters.ts";
import { socketsOf } from "./processes.ts";
import { plainAddress, tcpSockets, type TcpSocket } from "./sockets.ts";

/**
 * Connections to this server that no session accounts for, counted by who has opened them: accepted or not, none of them has said yet who it
 * is. The kernel tells this to everybody.
 */
export async function unfinishedFrom(
  { ports }: Pick<FoundPostmaster, "ports">,
  backends: readonly Backend[],
): Promise<ReadonlyMap<string, number>> {
  return unfinished(await tcpSockets(), ports, backends);
}

export function unfinished(
  sockets: readonly TcpSocket[],
  ports: readonly number[],
  backends: readonly Backend[],
): ReadonlyMap<string, number> {
  const named = new Set(
    backends.flatMap(({ backendType, clientAddress, clientPort }) =>
      backendType === "half-open" || clientPort === null || clientPort < 0 ? [] : [account(clientAddress, clientPort)],
    ),
  );
  const counts = new Map<string, number>();
  for (const { state, localPort, remoteAddress, remotePort } of sockets) {
    if (state !== "established" || !ports.includes(localPort)) continue;
    if (named.has(account(remoteAddress, remotePort)) || named.has(account(null, remotePort))) continue;
    counts.set(remoteAddress, (counts.get(remoteAddress) ?? 0) + 1);
  }
  return counts;
}

/** Who is at the other end of each of these processes' connection; whoever cannot be told is not among them. */
export async function remotesOf(
  pids: readonly number[],
): Promise<ReadonlyMap<number, Pick<Backend, "clientAddress" | "clientPort">>> {
  const remotes = new Map<number, Pick<Backend, "clientAddress" | "clientPort">>();
  const owned = pids.flatMap((pid) => {
    const inodes = socketsOf(pid);
    return inodes === null ? [] : [{ pid, inodes }];
  });
  if (owned.length === 0) return remotes;
  const established = new Map(
    (await tcpSockets()).filter(({ state }) => state === "established").map((socket) => [socket.inode, socket]),
  );
  for (const { pid, inodes } of owned) {
    const connections = [...inodes].flatMap((inode) => established.get(inode) ?? []);
    const [only] = connections;
    if (connections.length === 1)
      remotes.set(pid, { clientAddress: only!.remoteAddress, clientPort: only!.remotePort });
  }
  return remotes;
}

/** With log_hostname a title has a name instead of the address: then the port alone has to do. */
function account(address: string | null, port: number): string {
  return address === null || isIP(address.replace(/%.*$/, "")) === 0 ? `:${port}` : `${plainAddress(address)}:${port}`;
}
