// The library below looks for it.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** PEM texts: a certificate, and the private key to it. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateAuthority {
  /** The certificate of the authority itself, PEM. */
  readonly root: string;
  /** A server's certificate for these names and addresses. */
  server(names: readonly string[], valid?: Validity): Promise<Identity>;
  /** A client's certificate whose common name is the role. */
  client(role: string): Promise<Identity>;
  /** A list that revokes this certificate, PEM. */
  revoke(cert: string): Promise<string>;
}

interface Validity {
  readonly from: Date;
  readonly to: Date;
}

const HOUR_MS = 3_600_000;

/** An authority of the test's own: nobody else trusts it, and it is forgotten with the test. */
export async function certificateAuthority(name: string): Promise<CertificateAuthority> {
  x509.cryptoProvider.set(webcrypto as never);
  const keys = await keyPair();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    ...dates(TODAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  let serial = 1;

  async function issue(subject: string, valid: Validity, extensions: x509.Extension[]): Promise<Identity> {
    const own = await keyPair();
    const cert = await x509.X509CertificateGenerator.create({
      serialNumber: (++serial).toString(16).padStart(2, "0"),
      subject,
      issuer: root.subject,
      ...dates(valid),
      signingAlgorithm: ALGORITHM,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions,
    });
    const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", own.privateKey), "PRIVATE KEY");
    return { cert: `${cert.toString("pem")}\n`, key: `${key}\n` };
  }

  return {
    root: `${root.toString("pem")}\n`,
    server: (names, valid = TODAY) =>
      issue(`CN=${names[0] ?? "nobody"}`, valid, [
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? "ip" : "dns", value }) as const),
        ),
      ]),
    client: (role) => issue(`CN=${role}`, TODAY, []),
    async revoke(cert) {
      const list = await x509.X509CrlGenerator.create({
        issuer: root.subject,
        thisUpdate: TODAY.from,
        nextUpdate: TODAY.to,
        signingAlgorithm: ALGORITHM,
        signingKey: keys.privateKey,
        entries: [{ serialNumber: new x509.X509Certificate(cert).serialNumber, revocationDate: TODAY.from }],
      });
      return `${x509.PemConverter.encode(list.rawData, "X509 CRL")}\n`;
    },
  };
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const TODAY: Validity = { from: new Date(Date.now() - HOUR_MS), to: new Date(Date.now() + 24 * HOUR_MS) };
/** A day that is over. */
export const YESTERDAY: Validity = { from: new Date(Date.now() - 48 * HOUR_MS), to: new Date(Date.now() - HOUR_MS) };

function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function dates({ from, to }: Validity): { notBefore: Date; notAfter: Date } {
  return { notBefore: from, notAfter: to };
}
