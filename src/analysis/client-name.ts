import type { Backend } from "../model/backend.ts";

/** Where a session comes from. A Unix socket has no address; hidden and starting rows do not tell theirs. */
export function clientName({
  clientAddress,
  clientPort,
}: Pick<Backend, "clientAddress" | "clientPort">): string | null {
  return clientAddress ?? (clientPort === -1 ? "local" : null);
}
