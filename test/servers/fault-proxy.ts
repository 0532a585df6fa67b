import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

export interface Faults {
  /** Milliseconds in each direction, so a round trip takes twice that. */
  latencyMs: number;
  /** Swallow what is sent, both ways, and say nothing: a route that was dropped. */
  blackHole: boolean;
  /** Reset every new connection as soon as it is there. */
  refuse: boolean;
}

export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  set(faults: Partial<Faults>): void;
  /** Cut all present connections with a TCP reset. */
  reset(): void;
  /** How many clients have ended their connection with a reset instead of a goodbye. */
  readonly resets: () => number;
  /** Bytes that black holes have swallowed. */
  readonly swallowed: () => number;
  close(): Promise<void>;
}

/** A bad network in front of a server, in this process: needs no root and no kernel module, and runs anywhere. */
export async function faultProxy(
  target: { readonly host: string; readonly port: number },
  initial: Partial<Faults> = {},
): Promise<FaultProxy> {
  const faults: Faults = { latencyMs: 0, blackHole: false, refuse: false, ...initial };
  const pairs = new Set<readonly [Socket, Socket]>();
  let resets = 0;
  let swallowed = 0;
  const swallow = (bytes: number): void => void (swallowed += bytes);

  const listener = createServer((near) => {
    near.on("error", ({ code }: NodeJS.ErrnoException) => {
      if (code === "ECONNRESET") resets++;
    });
    if (faults.refuse) return void near.resetAndDestroy();
    const far = connect(target.port, target.host);
    const pair = [near, far] as const;
    pairs.add(pair);
    far.on("close", () => pairs.delete(pair)); // in a black hole it never hears that its other end has gone
    forward(near, far, faults, swallow);
    forward(far, near, faults, swallow);
  });
  await new Promise<void>((resolve, reject) => listener.once("error", reject).listen(0, "127.0.0.1", resolve));

  return {
    host: "127.0.0.1",
    port: (listener.address() as AddressInfo).port,
    set: (changed) => void Object.assign(faults, changed),
    reset() {
      for (const [near, far] of pairs) {
        near.resetAndDestroy();
        far.destroy();
      }
    },
    resets: () => resets,
    swallowed: () => swallowed,
    async close() {
      for (const socket of [...pairs].flat()) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** Each chunk has a delay of its own, so the time at which the last one is due keeps them in order. */
function forward(from: Socket, to: Socket, faults: Faults, swallow: (bytes: number) => void): void {
  let due = 0;
  const later = (deliver: () => void): void => {
    due = Math.max(due, performance.now() + faults.latencyMs);
    const deliverUnlessLost = (): void => {
      if (!faults.blackHole && !to.destroyed) deliver();
    };
    const wait = due - performance.now();
    if (wait < 1) deliverUnlessLost();
    else setTimeout(deliverUnlessLost, wait);
  };
  from.setNoDelay();
  from.on("data", (chunk) => {
    if (faults.blackHole) swallow(chunk.length);
    later(() => void to.write(chunk));
  });
  from.on("end", () => later(() => void to.end()));
  from.on("close", () => later(() => void to.destroy()));
  from.on("error", () => {});
}
