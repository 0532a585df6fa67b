import { connect, type Socket } from "node:net";
import { startupMessage } from "./raw-session.ts";

/** Sockets that never become sessions: they are opened, and at the most say who they are, and are silent. */
export interface HalfOpen {
  close(): void;
}

/** @param role who they say they are; without it they say nothing, and hold no slot but a process of the server's */
export async function halfOpen(
  { host, port }: { readonly host: string; readonly port: number },
  count: number,
  role: string | null = null,
): Promise<HalfOpen> {
  const sockets = Array.from({ length: count }, () => connect(port, host));
  const close = (): void => sockets.forEach((socket) => void socket.destroy());
  try {
    await Promise.all(sockets.map(connected));
  } catch (error) {
    close();
    throw error;
  }
  if (role !== null) for (const socket of sockets) socket.write(startupMessage({ user: role, database: "postgres" }));
  return { close };
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      // It may be refused, or ended with its server.
      socket.on("error", () => {});
      // Unread, the end of a connection would not be noticed.
      socket.resume();
      resolve();
    });
  });
}
