import { connect } from "../connection/connect.ts";
import type { Conninfo } from "../connection/conninfo.ts";
import type { Opened } from "../way-in.ts";
import { statement } from "../source/statement.ts";
import { sourceOf } from "./open.ts";

/** It would let us in, by the last of its places: a standby or a backup may need that one. */
export class LastPlaceError extends Error {
  readonly max: number;
  constructor(max: number) {
    super("the last walsender place");
    this.max = max;
  }
}

/**
 * In by `replication=database`: from 12 on that takes none of the connection slots, and answers every statement of ours. How many
 * places are taken is known only inside; the last one is given back at once, unless we may take it.
 *
 * @throws ConnectError, LastPlaceError
 */
export async function openWalsender(to: Conninfo, mayTakeLast: boolean): Promise<Opened> {
  const session = await connect({ ...to, replication: "database" });
  const opened = sourceOf(session, "walsender");
  if (mayTakeLast) return opened;
  try {
    // Our role may be set to less time than that takes.
    const text = `set statement_timeout = ${ANSWER_MS};\n${statement("places", Math.trunc(session.versionNum / 10_000))}`;
    const answers = await session.client.query({ text, ...{ query_timeout: ANSWER_MS } });
    // Several statements answer with several results, which the driver's types do not know.
    const { rows } = (answers as unknown as readonly { readonly rows: readonly Places[] }[]).at(-1)!;
    const { used, max } = rows[0]!;
    if (used < max) return opened;
    throw new LastPlaceError(max);
  } catch (error) {
    opened.source.close();
    throw error;
  }
}

interface Places {
  readonly used: number;
  readonly max: number;
}

const ANSWER_MS = 5000;
