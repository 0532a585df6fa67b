import { existsSync, readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { X509Certificate } from "node:crypto";
import tls, { type ConnectionOptions, type PeerCertificate } from "node:tls";
import type { Host } from "./hosts.ts";
import { TlsFileError } from "./tls-file-error.ts";
import type { TlsWishes } from "./tls-wishes.ts";

/**
 * As libpq means it: where a file of root certificates is, the server's certificate is checked against it, whatever the mode;
 * verify-ca and verify-full cannot do without; verify-full also looks at the name.
 *
 * @throws TlsFileError
 */
export function tlsOptions(wishes: TlsWishes, host: Host): ConnectionOptions {
  const { mode, rootcert, crl } = wishes;
  const verifying = mode === "verify-ca" || mode === "verify-full";
  if (verifying && rootcert !== "system" && !existsSync(rootcert)) {
    throw new TlsFileError(
      `sslmode=${mode} needs root certificates, and there is no file ${rootcert}: name one with sslrootcert, or say sslrootcert=system for the public ones.`,
    );
  }
  const ca: { ca?: string } =
    rootcert !== "system" && existsSync(rootcert) ? { ca: read(rootcert, "root certificates") } : {};
  const checked = rootcert === "system" || "ca" in ca;
  const trusted: { ca?: string; crl?: string } = {
    ...ca,
    ...(checked && existsSync(crl) ? { crl: read(crl, "revocation list") } : {}),
  };
  const own = clientCertificate(wishes);
  const roots = ca.ca;
  if (roots !== undefined) usable(() => new X509Certificate(roots), `${rootcert} (sslrootcert) holds no certificate`);
  if (trusted.crl !== undefined)
    usable(() => tls.createSecureContext(trusted), `${crl} (sslcrl) holds no revocation list`);
  if (own.cert !== undefined)
    usable(
      () => tls.createSecureContext(own),
      `The client certificate ${wishes.cert} and the private key ${wishes.key} cannot be used together`,
    );
  return {
    ...trusted,
    ...own,
    minVersion: wishes.minVersion,
    ...(wishes.maxVersion === null ? {} : { maxVersion: wishes.maxVersion }),
    ...(wishes.sni && isIP(host.host) === 0 ? { servername: host.host } : {}),
    rejectUnauthorized: checked,
    // Node compares with the name it was given for the handshake, and that need not be the one that was asked for.
    checkServerIdentity: (_, certificate) => (mode === "verify-full" ? nameError(host.host, certificate) : undefined),
  };
}

/** What is wrong with a file is found out here, where it has a name; Node passes over it, or says so in the middle of a handshake. */
function usable(read: () => unknown, otherwise: string): void {
  try {
    read();
  } catch (error) {
    const { message } = error as Error;
    throw new TlsFileError(`${otherwise}: ${message.split(":").at(-1) ?? ""}.`);
  }
}

function nameError(name: string, certificate: PeerCertificate): Error | undefined {
  // As libpq: an old certificate without alternative names may bear the address as its common name.
  const common = certificate.subject?.CN;
  if (isIP(name) !== 0 && certificate.subjectaltname === undefined && common === name) return undefined;
  return tls.checkServerIdentity(name, certificate);
}

function clientCertificate(wishes: TlsWishes): Pick<ConnectionOptions, "cert" | "key" | "passphrase"> {
  const { cert, key, certMode, certNamed } = wishes;
  if (certMode === "disable") return {};
  if (!existsSync(cert)) {
    if (!certNamed && certMode === "allow") return {};
    throw new TlsFileError(`There is no client certificate ${cert} (sslcert).`);
  }
  if (!existsSync(key))
    throw new TlsFileError(`There is a client certificate ${cert}, but no private key ${key} (sslkey).`);
  const { mode, uid } = statSync(key);
  // As libpq: root's key may be read by root's group, for machines that share one.
  if ((mode & (uid === 0 ? 0o037 : 0o077)) !== 0)
    throw new TlsFileError(`The private key ${key} is not used because others may read it: chmod 600 ${key}.`);
  const passphrase = wishes.keyPassword === null ? {} : { passphrase: wishes.keyPassword };
  return { cert: read(cert, "client certificate"), key: read(key, "private key"), ...passphrase };
}

function read(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new TlsFileError(
      `The ${what} ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "no reason given"}).`,
    );
  }
}
