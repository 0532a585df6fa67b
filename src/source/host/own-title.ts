import { isIP } from "node:net";
import type { Backend } from "../../model/backend.ts";
import { plainAddress } from "./sockets.ts";

/** What the server tells of a session, and its process has in its title. */
export type Told = Pick<Backend, "user" | "database" | "clientAddress" | "clientPort">;

/**
 * Whether a process says of itself what the server says of a session: role, database and client. All of them are held against the server's row, not
 * against our own socket: where a port is forwarded, or a pooler stands between, both tell the same other end. They stand in every title,
 * with update_process_title off as well. What a title had no room for it does not tell.
 */
export function isTitleOf(title: Buffer, { user, database, clientAddress, clientPort }: Told): boolean {
  if (user === null || database === null || clientPort === null) return false;
  const client = clientPort === -1 ? String.raw`\[local\]` : String.raw`(\S+)\(${clientPort}\)`;
  // A walsender's has the database from 16 on.
  const session = `${exactly(user)} ${exactly(database)}`;
  const sender = `(?:walsender|wal sender process) ${exactly(user)}(?: ${exactly(database)})?`;
  const found = new RegExp(`^postgres: (?:.{1,63}: )?(?:${session}|${sender}) ${client}(?:[ \0]|$)`, "s").exec(
    title.toString("latin1"),
  );
  return found !== null && (clientPort === -1 || isAddress(found[1]!, clientAddress));
}

/** With log_hostname a title has a name where the row has the address. */
function isAddress(said: string, address: string | null): boolean {
  const bare = said.replace(/%.*$/, "");
  return isIP(bare) === 0 || (address !== null && plainAddress(bare) === plainAddress(address));
}

/** Names may have been written in any encoding: of what is not ASCII, only that it is there can be compared. */
function exactly(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`).replace(/[^\0-\x7f]+/g, String.raw`[^\0-\x7f]+`);
}
