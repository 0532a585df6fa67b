import type { EventEmitter } from "node:events";
import type { Client } from "pg";

/** What the driver keeps to itself: the messages of the server as they come. */
export interface Wire {
  on(event: "parameterStatus", listener: (message: { parameterName: string; parameterValue: string }) => void): void;
  prependListener(event: string, listener: () => void): void;
  emit(event: "error", error: Error): void;
  readonly stream: { destroy(): void };
}

type Listener = (chunk: Buffer) => void;

/** The connection under a client, made safe: bytes that the driver cannot read are an error of the connection, not of the program. */
export function wireOf(client: Client): Wire {
  const { connection: wire } = client as unknown as {
    connection: Wire & { attachListeners(stream: EventEmitter): void };
  };
  const attach = wire.attachListeners.bind(wire);
  wire.attachListeners = (stream) => {
    attach(stream);
    for (const listener of stream.listeners("data") as Listener[]) {
      stream.removeListener("data", listener);
      stream.on("data", (chunk: Buffer) => {
        try {
          listener(chunk);
        } catch (error) {
          wire.emit("error", error instanceof Error ? error : new Error(String(error)));
          wire.stream.destroy();
        }
      });
    }
  };
  return wire;
}
