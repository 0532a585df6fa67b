import { type AddressInfo, connect, createServer } from "node:net";

export interface Relay {
  readonly host: string;
  readonly port: number;
  /** Requests that waited for an answer: how often the conversation turned from answering to asking. */
  readonly roundTrips: () => number;
  /** From the server, so far. */
  readonly bytes: () => number;
  /** Called when a refresh begins, before its first byte reaches the server. */
  onRefresh: () => void;
  close(): void;
}

/**
 * Sits between the dashboard and the server and counts. A refresh begins with a request after a pause, so figures taken at
 * that instant belong to whole refreshes, however long the interval really is.
 */
export async function relay(target: { readonly host: string; readonly port: number }): Promise<Relay> {
  let roundTrips = 0;
  let bytes = 0;
  const result = { host: "127.0.0.1", roundTrips: () => roundTrips, bytes: () => bytes, onRefresh: (): void => {} };
  const closers = new Set<() => void>();
  const listener = createServer({ noDelay: true }, (near) => {
    const far = connect({ ...target, noDelay: true });
    let asking = false;
    let last = 0;
    near.on("data", (chunk) => {
      const pause = performance.now() - last;
      last = performance.now();
      if (!asking) roundTrips++;
      asking = true;
      if (pause > PAUSE_MS) result.onRefresh();
      far.write(chunk);
    });
    far.on("data", (chunk) => {
      last = performance.now();
      asking = false;
      bytes += chunk.length;
      near.write(chunk);
    });
    const close = (): void => {
      near.destroy();
      far.destroy();
      closers.delete(close);
    };
    closers.add(close);
    for (const socket of [near, far]) socket.on("error", close).on("close", close);
  });
  await new Promise<void>((resolve, reject) => listener.once("error", reject).listen(0, "127.0.0.1", resolve));
  return Object.assign(result, {
    port: (listener.address() as AddressInfo).port,
    close: (): void => {
      for (const close of closers) close();
      listener.close();
    },
  });
}

/** Statements of one refresh follow each other faster than this; refreshes are a second apart. */
const PAUSE_MS = 150;
