import type { Host } from "../connection/hosts.ts";
import type { Refused } from "../model/server.ts";
import type { Opened } from "../way-in.ts";
import { hostSource } from "../source/host/host-source.ts";
import { postmasterAt } from "../source/host/postmaster-at.ts";
import { postmasters, type FoundPostmaster } from "../source/host/postmasters.ts";
import { NoLaneError } from "./shut-out.ts";

/**
 * The processes of the server at one of these places, if it is on this machine.
 *
 * @param refused whom the server has just refused
 * @throws NoLaneError
 */
export async function openHost(hosts: readonly Host[], refused: Refused): Promise<Opened> {
  const reasons = new Set<string>();
  for (const place of hosts) {
    const found = await postmasterAt(place);
    if (found.kind === "found") {
      const source = hostSource(found.postmaster, place, refused);
      return { source, lane: "host", closed: [], lastPlace: false, onLost: () => undefined };
    }
    reasons.add(found.why);
  }
  const why = [...reasons].join("; ");
  throw new NoLaneError(`${why[0]!.toUpperCase()}${why.slice(1)}.${othersHere(await postmasters())}`);
}

/** Perhaps another one was meant: it is named, and not taken for the one that was asked for. */
function othersHere(found: readonly FoundPostmaster[]): string {
  const places = found.map(({ pid, ports, osUser }) => {
    const [port] = ports;
    return `postmaster ${pid} of ${osUser}${port === undefined ? "" : ` at port ${port}`}`;
  });
  if (places.length === 0) return "";
  return ` PostgreSQL runs here as ${places.slice(0, 4).join(", ")}.`;
}
