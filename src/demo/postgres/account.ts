import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import path from "node:path";

/** The OS user a server runs as. Null: as ourselves. */
export type Account = { readonly uid: number; readonly gid: number } | null;

/** PostgreSQL refuses to run as root, so root lends it the account of somebody who may do little. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return null;
  return accountOf("postgres") ?? accountOf("nobody") ?? { uid: OVERFLOW_ID, gid: OVERFLOW_ID };
}

/** May that account walk to this place? The way to it can be closed (`/root` is 0700) though the place itself is open. */
export function reachable(place: string, account: Account): boolean {
  if (account === null) return true;
  const parent = path.dirname(place);
  return (statSync(place).mode & OTHERS_MAY_ENTER) !== 0 && (parent === place || reachable(parent, account));
}

function accountOf(name: string): Account {
  const id = (flag: string): number =>
    Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return null;
  }
}

const OTHERS_MAY_ENTER = 0o001;

/** What Linux calls the owner of what has no owner. */
const OVERFLOW_ID = 65534;
