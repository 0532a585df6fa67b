import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { Client } from "pg";

/** What the driver keeps to itself: the messages of the server as they come. */
export interface Wire {
  on(event: "parameterStatus", listener: (message: { parameterName: string; parameterValue: string }) => void): void;
  prependListener(event: string, listener: () => void): void;
  emit(event: "error", error: Error): void;
  /** Before TLS is spoken, the socket itself. */
  readonly stream: Socket;
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
      let first = true;
      stream.on("data", (chunk: Buffer) => {
        try {
          if (first && !beginsAnAnswer(chunk)) throw new Error("invalid response to the startup message");
          first = false;
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

/**
 * What a server may answer to a startup message, as libpq has it: a question who we are, an error, or a word on the version of the
 * protocol, none of them long. Anything else would be waited for in vain: its "length" may be two gigabytes.
 */
function beginsAnAnswer(chunk: Buffer): boolean {
  if (chunk.length < 5) return true;
  const length = chunk.readUInt32BE(1);
  return "REv".includes(String.fromCharCode(chunk[0]!)) && length >= 4 && length < LONGEST_ANSWER;
}

const LONGEST_ANSWER = 30_000;
