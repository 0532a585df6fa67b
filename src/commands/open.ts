import { connect } from "../connection/connect.ts";
import type { Conninfo } from "../connection/conninfo.ts";
import type { Opened } from "../sampler.ts";
import { postgresSource } from "../source/postgres.ts";

/** Connects and makes a source of the session. */
export async function openSource(to: Conninfo): Promise<Opened> {
  const { client, versionNum, onLost } = await connect(to);
  const major = Math.trunc(versionNum / 10_000);
  return { source: postgresSource({ client, major, host: to.host, port: to.port }), onLost };
}
