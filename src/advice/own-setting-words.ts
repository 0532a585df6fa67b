import type { Server } from "../model/server.ts";
import type { Setting } from "../model/tuning.ts";
import { asShown } from "../text/setting-value.ts";
import { listed, short } from "./words.ts";

/** "work_mem 256MB is what role watcher is set to; the server's own is not told". */
export function ownSettingWords(ours: readonly Setting[], server: Pick<Server, "user" | "database">): string {
  const said = ours.map(
    (setting) => `${setting.name} ${asShown(setting)} is what ${whose(setting.source, server)} is set to`,
  );
  return `${listed(said, said.length)}; the server's own ${ours.length === 1 ? "is" : "are"} not told`;
}

/** As pg_settings tells where a value comes from. */
function whose(source: string | null, { user, database }: Pick<Server, "user" | "database">): string {
  const [role, of] = [`role ${short(user)}`, `database ${short(database ?? "?")}`];
  if (source === "user") return role;
  if (source === "database") return of;
  return source === "client" ? "our connection" : `${role} in ${of}`;
}
