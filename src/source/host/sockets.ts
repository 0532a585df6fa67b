import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";

/** A line of /proc/net/tcp or tcp6, which everybody may read. */
export interface TcpSocket {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly state: "listening" | "established" | "other";
  /** Of whoever made it; 0 as well for a connection that nobody has accepted yet. */
  readonly uid: number;
  /** 0 for a connection that nobody has accepted yet. */
  readonly inode: number;
}

/** All of this network namespace; none when /proc does not tell. */
export async function tcpSockets(): Promise<readonly TcpSocket[]> {
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map(table));
  return tables.flatMap(parseTcp);
}

export function parseTcp(table: string): readonly TcpSocket[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [localAddress, localPort] = place(fields[1]);
      const [remoteAddress, remotePort] = place(fields[2]);
      if (fields.length < 10 || Number.isNaN(localPort) || Number.isNaN(remotePort)) return [];
      const state = STATES[fields[3]!] ?? "other";
      return [
        { localAddress, localPort, remoteAddress, remotePort, state, uid: Number(fields[7]), inode: Number(fields[9]) },
      ];
    });
}

export interface UnixSocket {
  readonly path: string;
  readonly inode: number;
}

/** Unix sockets that somebody listens at, by the path that they were made with. */
export async function listeningUnixSockets(): Promise<readonly UnixSocket[]> {
  return parseUnix(await table("/proc/net/unix"));
}

export function parseUnix(table: string): readonly UnixSocket[] {
  return table.split("\n").flatMap((line) => {
    // Num RefCount Protocol Flags Type St Inode Path
    const found = /^\S+: \S+ \S+ (\S+) \S+ \S+ +(\d+) (.+)$/.exec(line);
    const listening = found !== null && (Number.parseInt(found[1]!, 16) & ACCEPTS) !== 0;
    return listening ? [{ path: found[3]!, inode: Number(found[2]) }] : [];
  });
}

/** One spelling for each address: what is IPv4 within IPv6 is IPv4. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  if (mapped !== null) return mapped[1]!;
  if (!isIPv6(bare)) return bare;
  const groups = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const inHex = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(groups);
  return inHex === null ? groups : dotted([inHex[1]!, inHex[2]!].map((group) => group.padStart(4, "0")).join(""));
}

/** `0100007F:1538`: words of 32 bits in the machine's byte order, which is little-endian wherever we run. */
function place(text = ""): readonly [string, number] {
  const [hex = "", port = ""] = text.split(":");
  const bytes = (hex.match(/.{8}/g) ?? []).map((word) => word.match(/../g)!.reverse().join("")).join("");
  const address = bytes.length === 8 ? dotted(bytes) : plainAddress((bytes.match(/.{4}/g) ?? []).join(":"));
  return [address, Number.parseInt(port, 16)];
}

function dotted(hex: string): string {
  return (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join(".");
}

async function table(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return "";
  }
}

const STATES: Readonly<Record<string, TcpSocket["state"]>> = { "01": "established", "0A": "listening" };
/** __SO_ACCEPTCON */
const ACCEPTS = 0x1_0000;
