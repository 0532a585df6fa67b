import { connect } from "node:net";

export interface RawSession {
  /** Sends these very bytes as one simple query, and waits until the server is ready again. */
  query(text: Uint8Array): Promise<void>;
  close(): void;
}

/**
 * A session that writes bytes, not characters: what an old client does in a database whose encoding is not UTF-8, and what no driver
 * of ours would let through. For servers that trust us.
 */
export async function rawSession(
  { host, port }: { readonly host: string; readonly port: number },
  parameters: Readonly<Record<string, Uint8Array | string>>,
): Promise<RawSession> {
  const socket = connect(port, host);
  let received = Buffer.alloc(0);
  let wake = (): void => {};
  let broken: Error | null = null;
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  socket.on("error", (error) => {
    broken = error;
    wake();
  });
  socket.on("close", () => {
    broken ??= new Error("the server closed the connection");
    wake();
  });

  async function ready(): Promise<void> {
    let said: string | null = null;
    for (;;) {
      const size = received.length < 5 ? Number.POSITIVE_INFINITY : 1 + received.readInt32BE(1);
      if (received.length >= size) {
        const type = String.fromCharCode(received[0]!);
        if (type === "E") said ??= received.subarray(5, size).toString("latin1");
        received = received.subarray(size);
        if (type === "Z" && said === null) return;
        if (type === "Z" || (type === "E" && said!.includes("FATAL"))) throw new Error(said!.replaceAll("\0", " "));
      } else if (broken !== null) throw broken;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  socket.write(startupMessage(parameters));
  await ready();
  return {
    async query(text) {
      socket.write(Buffer.concat([Buffer.from("Q"), int32(text.length + 5), text, END]));
      await ready();
    },
    close: () => void socket.destroy(),
  };
}

/** Who we are and what we want, as the first thing on a connection. */
export function startupMessage(parameters: Readonly<Record<string, Uint8Array | string>>): Buffer {
  const strings = Object.entries(parameters).flatMap(([name, value]) => [
    Buffer.from(name),
    END,
    Buffer.from(value),
    END,
  ]);
  const body = Buffer.concat([PROTOCOL_3, ...strings, END]);
  return Buffer.concat([int32(body.length + 4), body]);
}

const END = Buffer.from([0]);
const PROTOCOL_3 = Buffer.from([0, 3, 0, 0]);

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
