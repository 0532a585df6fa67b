import { connect } from "../connection/connect.ts";
import type { Conninfo } from "../connection/conninfo.ts";
import type { Session } from "../connection/session.ts";
import type { Lane } from "../model/lane.ts";
import type { Opened } from "../way-in.ts";
import { postgresSource } from "../source/postgres.ts";

/** Connects as this conninfo says, and makes a source of the session. */
export async function openSource(to: Conninfo, lane: Lane = "normal"): Promise<Opened> {
  return sourceOf(await connect(to), lane);
}

export function sourceOf({ client, versionNum, host, onLost, reset }: Session, lane: Lane): Opened {
  const major = Math.trunc(versionNum / 10_000);
  const source = postgresSource({ client, major, host: host.host, port: host.port, lane, reset });
  return { source, lane, closed: [], lastPlace: false, onLost };
}
