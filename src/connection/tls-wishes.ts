import path from "node:path";
import type { SecureVersion } from "node:tls";
import { home } from "./home.ts";
import { choice, ConninfoError, integer, type Environment, type Settings } from "./parameters.ts";

export const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** What the user wants of TLS; files by name, read when they are needed. */
export interface TlsWishes {
  readonly mode: SslMode;
  /** TLS from the first byte, without asking the server for it (PostgreSQL 17 and later). */
  readonly direct: boolean;
  /** "system" is the certificates that Node brings. */
  readonly rootcert: string;
  readonly crl: string;
  readonly cert: string;
  readonly key: string;
  /** Named, and so an error when it is missing; the default files may be missing. */
  readonly certNamed: boolean;
  readonly certMode: "disable" | "allow" | "require";
  readonly keyPassword: string | null;
  readonly sni: boolean;
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion | null;
}

const VERSIONS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const satisfies readonly SecureVersion[];

/** @throws ConninfoError when the parameters make no sense */
export function tlsWishes(settings: Settings, env: Environment): TlsWishes {
  const directory = path.join(home(env), ".postgresql");
  const system = settings.sslrootcert === "system";
  const mode = choice("sslmode", settings.sslmode ?? (system ? "verify-full" : "prefer"), SSL_MODES);
  if (system && mode !== "verify-full")
    throw new ConninfoError(
      `sslrootcert=system needs sslmode=verify-full: anybody can get a certificate from a public authority`,
    );
  const direct = choice("sslnegotiation", settings.sslnegotiation ?? "postgres", ["postgres", "direct"]) === "direct";
  if (direct && !["require", "verify-ca", "verify-full"].includes(mode))
    throw new ConninfoError("sslnegotiation=direct needs sslmode=require, verify-ca or verify-full");
  const minVersion = version("ssl_min_protocol_version", settings.ssl_min_protocol_version) ?? "TLSv1.2";
  const maxVersion = version("ssl_max_protocol_version", settings.ssl_max_protocol_version);
  if (maxVersion !== null && VERSIONS.indexOf(maxVersion) < VERSIONS.indexOf(minVersion))
    throw new ConninfoError("ssl_min_protocol_version is above ssl_max_protocol_version");
  return {
    mode,
    direct,
    rootcert: settings.sslrootcert || path.join(directory, "root.crt"),
    crl: settings.sslcrl || path.join(directory, "root.crl"),
    cert: settings.sslcert || path.join(directory, "postgresql.crt"),
    key: settings.sslkey || path.join(directory, "postgresql.key"),
    certNamed: (settings.sslcert ?? "") !== "",
    certMode: choice("sslcertmode", settings.sslcertmode || "allow", ["disable", "allow", "require"]),
    keyPassword: settings.sslpassword || null,
    sni: integer("sslsni", settings.sslsni || "1") !== 0,
    minVersion,
    maxVersion,
  };
}

function version(name: string, text: string | undefined): (typeof VERSIONS)[number] | null {
  return text === undefined || text === "" ? null : choice(name, text, VERSIONS);
}
