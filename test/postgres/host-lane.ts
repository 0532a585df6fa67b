import { connect, type Socket } from "node:net";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Backend } from "../../src/model/backend.ts";
import { hostSource } from "../../src/source/host/host-source.ts";
import { postmasterAt } from "../../src/source/host/postmaster-at.ts";
import type { FoundPostmaster } from "../../src/source/host/postmasters.ts";
import type { Source } from "../../src/source/postgres.ts";
import type { TestServer } from "../servers/server.ts";

/** The server's postmaster, found by its place and by nothing else. */
export async function found({ host, port }: TestServer): Promise<FoundPostmaster> {
  const at = await postmasterAt({ host, hostaddr: null, port });
  if (at.kind === "none") throw new Error(`no postmaster at ${host}:${port}: ${at.why}`);
  return at.postmaster;
}

export async function hostLane(server: TestServer): Promise<Source> {
  return hostSource(await found(server), server);
}

/** As the server itself wrote it down. */
export function postmasterPid({ dataDir }: TestServer): number {
  return Number(readFileSync(path.join(dataDir, "postmaster.pid"), "utf8").split("\n")[0]);
}

/** Who has connected and says nothing, or nothing more than who he is: with a password asked for, that is where it ends. */
export async function mumbler({ host, port }: TestServer, as?: string): Promise<Socket> {
  const socket = connect(port, host);
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  if (as !== undefined) socket.write(startupPacket(as));
  return socket;
}

/** Lines of pg_hba.conf under which that role is asked for a password, and nobody else. */
export const ASKED = "asked";
export const ASKS_ONE_ROLE = `host all ${ASKED} 127.0.0.1/32 md5\nhost all all 127.0.0.1/32 trust\nhost all all ::1/128 trust\nlocal all all trust\nhost replication all 127.0.0.1/32 trust\n`;

export function ofType(backends: readonly Backend[], type: string): readonly Backend[] {
  return backends.filter(({ backendType }) => backendType === type);
}

function startupPacket(user: string): Buffer {
  const body = Buffer.from(`user\0${user}\0database\0postgres\0\0`);
  const packet = Buffer.alloc(8 + body.length);
  packet.writeInt32BE(packet.length, 0);
  packet.writeInt32BE(PROTOCOL_3, 4);
  body.copy(packet, 8);
  return packet;
}

const PROTOCOL_3 = 196_608;
