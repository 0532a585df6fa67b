import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../servers/deadline.ts";
import { refused, SECRET, start } from "./pgtriage.ts";

// What answers at the address is no PostgreSQL that could be watched, or nothing does.

let listener: Server | null = null;
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  const closing = listener;
  listener = null;
  if (closing !== null) await new Promise((resolve) => closing.close(resolve));
});

/** A TCP server that does to each connection what it is told; its port. */
async function listening(serve: (socket: Socket) => void): Promise<number> {
  const created = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  listener = created;
  await new Promise<void>((resolve) => created.listen(0, "127.0.0.1", resolve));
  return (created.address() as AddressInfo).port;
}

test("a port on which nothing listens", async () => {
  const port = await listening(() => {});
  await new Promise((resolve) => listener!.close(resolve));
  listener = null;
  const said = await refused(`postgres://monitor:${SECRET}@127.0.0.1:${port}/shop`);
  expect(said).toContain(`Nothing listens on 127.0.0.1:${port}`);
  expect(await refused(`postgres://monitor@localhost:${port}/shop`)).toContain(`Nothing listens on localhost:${port}`);
});

test("a socket directory without a socket", async () => {
  const said = await refused("postgres:///shop?host=/nowhere/at/all");
  expect(said).toContain("/nowhere/at/all/.s.PGSQL.5432: is PostgreSQL running");
  expect(said).not.toContain("There is no the");
});

test("a host name that nobody knows", async () => {
  const said = await refused(`postgres://monitor:${SECRET}@no-such-host.invalid/shop`);
  expect(said).toContain("No host is named no-such-host.invalid");
});

describe.each(["disable", "prefer"])("something else answers, sslmode=%s", (mode) => {
  const FAST = { PGCONNECT_TIMEOUT: "2", PGSSLMODE: mode };

  test("a web server", async () => {
    const port = await listening((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
    );
    const said = await refused(`postgres://monitor:${SECRET}@127.0.0.1:${port}/shop`, FAST);
    // Which comes first is the network's: its answer, or the end of the connection.
    expect(said).toMatch(
      /What answers on .* does not speak PostgreSQL's protocol|closed the connection before it answered: is PostgreSQL behind it/,
    );
  });

  test("one that greets first, as mail and SSH servers do", async () => {
    const port = await listening((socket) => socket.end("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"));
    await refused(`postgres://monitor:${SECRET}@127.0.0.1:${port}/shop`, FAST);
  });

  test("one that closes at once", async () => {
    const port = await listening((socket) => socket.end());
    await refused(`postgres://monitor:${SECRET}@127.0.0.1:${port}/shop`, FAST);
  });

  test("one that resets at once", async () => {
    const port = await listening((socket) => socket.resetAndDestroy());
    await refused(`postgres://monitor:${SECRET}@127.0.0.1:${port}/shop`, FAST);
  });
});

test("one that says nothing is given up after the connect timeout, and not before", async () => {
  const port = await listening(() => {});
  const began = performance.now();
  const said = await refused(`postgres://monitor:${SECRET}@127.0.0.1:${port}/shop`, { PGCONNECT_TIMEOUT: "2" });
  const took = performance.now() - began;
  expect(said).toContain(`127.0.0.1:${port} did not answer within 2 s`);
  expect(took).toBeGreaterThan(1_900);
  expect(took).toBeLessThan(4_500);
});

test("PostgreSQL 9.6, of which pg_stat_activity tells too little", async () => {
  const port = await listening(greetsAs("9.6.24"));
  const said = await refused(`postgres://monitor:${SECRET}@127.0.0.1:${port}/shop`);
  expect(said).toContain(`127.0.0.1:${port} is too old: server_version 9.6.24; pgtriage needs PostgreSQL 10 or later.`);
});

test("a server that goes silent after it has let us in is given up, not waited for", async () => {
  const port = await listening(greetsAs("18.4"));
  const began = performance.now();
  await refused(`postgres://monitor:${SECRET}@127.0.0.1:${port}/shop`);
  expect(performance.now() - began).toBeLessThan(12_000);
});

test.runIf(existsSync("/proc/self/cmdline"))("a password in the URI is in no process title while we wait", async () => {
  const port = await listening(() => {});
  const url = `postgres://monitor:${SECRET}@127.0.0.1:${port}/shop`;
  const { child, ended } = start(["snapshot", url], { PGCONNECT_TIMEOUT: "1" });
  await eventually(
    "it has connected",
    () => sockets.size,
    (n) => n > 0,
  );
  const title = readFileSync(`/proc/${child.pid}/cmdline`, "utf8");
  expect(title).toContain("pgtriage");
  expect(title).not.toContain(SECRET);
  expect((await ended).stderr).not.toContain(SECRET);
});

/** Written by hand, because no 9.6 can be had: no TLS, authentication OK, server_version, ready for query, and then silence. */
function greetsAs(version: string): (socket: Socket) => void {
  const message = (type: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(5, type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  return (socket) =>
    socket.on("data", (data) => {
      const SSL_REQUEST = 80_877_103;
      if (data.length === 8 && data.readInt32BE(4) === SSL_REQUEST) socket.write("N");
      else if (data.readInt32BE(0) === data.length) {
        socket.write(message("R", Buffer.alloc(4)));
        socket.write(message("S", Buffer.from(`server_version\0${version}\0`)));
        socket.write(message("Z", Buffer.from("I")));
      }
    });
}
