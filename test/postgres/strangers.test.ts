import { createServer, type AddressInfo } from "node:net";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { pgtriage, type Snapshot, snapshotOf } from "./pgtriage.ts";

// Names and query texts are written by strangers. What a script gets is what they wrote; what a person gets cannot harm.

const ATTACKS: Readonly<Record<string, string>> = {
  "clears the screen": "\u001b[2J",
  "writes the clipboard": "\u001b]52;c;cHduZWQ=\u0007",
  "renames the window": "\u001b]0;pwned\u001b\\",
  "is a C1 control": "\u009b31m\u009d0;pwned\u009c",
  "turns the text round": "\u202eetadpu\u202c",
  "goes back over the line": "verdict\b\b\b\b\b\b\b\rOK",
  "rings the bell": "\u0007",
  "is tags": "{red-fg}{bold}x{/}",
  "is an emoji family": "👨‍👩‍👧‍👦 ✅",
};

let server: TestServer;
const open: pg.Client[] = [];

beforeAll(async () => {
  server = await testServer(18, { max_connections: 30 });
  const session = await client(server.url);
  await session.query(`create role "\u001b[31mred" login; create role plain login`);
  await session.query('create database "shop\u001b[2J\u0007"');
  await session.end();
  for (const [name, attack] of Object.entries(ATTACKS)) {
    const one = await client(server.url, { application_name: `${attack}${name}` });
    open.push(one);
    // In an aborted transaction, so that the text report quotes it.
    await one.query("begin");
    await one.query(`select 1/0 /* ${name} ${attack} */`).catch(() => {});
  }
  open.push(await client(server.url.replace(/postgres$/, encodeURIComponent("shop\u001b[2J\u0007"))));
  open.push(await client(server.url.replace("postgres@", `${encodeURIComponent("\u001b[31mred")}@`)));
});
afterAll(async () => {
  await Promise.all(open.map((session) => session.end()));
  await server?.stop();
});

test("the text for a person has nothing in it but text, whatever names and queries hold", async () => {
  const { stdout } = await pgtriage(["snapshot", server.url]);
  for (const name of Object.keys(ATTACKS)) expect(stdout).toContain(name);
  expect(
    stdout.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g),
  ).toBeNull();
  expect(stdout.split("\n").every((line) => line.length < 200)).toBe(true);
});

test("JSON has the texts as they were written, and no raw control character on the wire", async () => {
  const { stdout } = await pgtriage(["snapshot", server.url, "--format", "json"]);
  // Neither control characters, C1 and DEL among them, nor what hides or turns text: each is an escape of JSON.
  expect(stdout.replaceAll("\n", "").match(/[\p{C}\p{Zl}\p{Zp}]/gu)).toBeNull();
  const { backends, holders }: Snapshot = await snapshotOf(server.url);
  const queries = backends.map((backend) => backend["query"]);
  for (const [name, attack] of Object.entries(ATTACKS)) expect(queries).toContain(`select 1/0 /* ${name} ${attack} */`);
  expect(backends.map((backend) => backend["user"])).toContain("\u001b[31mred");
  expect(holders.filter((holder) => holder.by === "database").map((holder) => holder.name)).toContain(
    "shop\u001b[2J\u0007",
  );
});

test("a refusal that quotes a stranger's name is one clean line", async () => {
  const nobody = server.url.replace("postgres@", `${encodeURIComponent("\u001b[2Jnobody\n\u009b2J")}@`);
  const { code, stderr } = await pgtriage(["snapshot", nobody]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^pgtriage: [^\u0000-\u001f\u007f-\u009f]+\n$/);
});

test.each([
  ["--sort", "\u001b[2J\u009b2Jxact", 'no column "·[2J·2Jxact"'],
  ["--columns", "pid,\u001b]0;pwned\u0007", 'no column "·]0;pwned·"'],
  ["--filter", "user\u009b:x state:\u202e", 'no state "·"'],
  ["--history", "\u001b[31m\n\n30", 'not "·[31m 30"'],
  ["--theme", "\u001b[2J", "theme"],
  ["--no-such-\u001b[2J\u009b", "1", "such-·[2J·"],
])("what was typed after %j and makes no sense is said back clean", async (flag, value, expected) => {
  const { stderr, code } = await pgtriage([server.url, flag, value]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^pgtriage: [^\n]+\nTry pgtriage --help.\n$/);
  expect(stderr).toContain(expected);
  expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
});

describe("what answers may be no PostgreSQL at all", () => {
  const HOSTILE = "\u001b[2J\u009b2J\u001b]0;pwned\u0007\u202eno\n\nslot\u2028";

  /** Says no to TLS, then this, to whoever connects. */
  async function answering(message: Buffer, use: (url: string) => Promise<void>): Promise<void> {
    const listener = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (data) => socket.write(data.length === 8 ? "N" : message));
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    try {
      await use(`postgres://somebody@127.0.0.1:${(listener.address() as AddressInfo).port}/shop`);
    } finally {
      listener.close();
    }
  }

  const packet = (type: string, ...strings: readonly string[]): Buffer => {
    const body = Buffer.from(`${strings.join("\0")}\0`);
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  };

  test.each(["XX000", "28000", "57P03", "53300", "3D000"])(
    "a refusal with %s is told in one clean line",
    async (code) => {
      const fields = ["SFATAL", `C${code}`, `M${HOSTILE}`, `D${HOSTILE}`, `R${HOSTILE}`, ""];
      await answering(packet("E", ...fields), async (url) => {
        const { stderr, stdout, code } = await pgtriage(["snapshot", url]);
        expect({ stdout, code }).toEqual({ stdout: "", code: 1 });
        expect(stderr).toMatch(/^pgtriage: [^\n]+\n$/);
        expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      });
    },
  );

  test("nor does a version that is none do anything to the terminal", async () => {
    const welcome = [
      Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]),
      packet("S", "server_version", `9.6${HOSTILE}`),
      Buffer.from([0x5a, 0, 0, 0, 5, 0x49]),
    ];
    await answering(Buffer.concat(welcome), async (url) => {
      const { stderr } = await pgtriage(["snapshot", url]);
      expect(stderr).toMatch(/^pgtriage: 127.0.0.1:\d+ is too old: server_version 9.6·[^\n]+\n$/);
      expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    });
  });
});
