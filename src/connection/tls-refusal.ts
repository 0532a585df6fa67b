import { clean } from "../text/clean.ts";
import type { Conninfo } from "./conninfo.ts";
import type { Host } from "./hosts.ts";

/**
 * What went wrong with TLS, by the codes and the English words of Node and of the driver, which are no server's; null when
 * something else did.
 */
export function tlsRefusal(
  error: unknown,
  code: string,
  said: string,
  host: Host,
  where: string,
  to: Conninfo,
): string | null {
  return certificateRefused(error, code, host, where, to) ?? notAgreed(code, said, where, to);
}

function certificateRefused(error: unknown, code: string, host: Host, where: string, to: Conninfo): string | null {
  const roots = to.tls.rootcert === "system" ? "the public authorities" : clean(to.tls.rootcert);
  switch (code) {
    case "ERR_TLS_CERT_ALTNAME_INVALID": {
      const { cert } = error as { cert?: { subjectaltname?: string; subject?: { CN?: string } } };
      const names = cert?.subjectaltname?.replace(/\b(DNS|IP Address):/g, "") ?? cert?.subject?.CN ?? "no name";
      return `The certificate of ${where} is made out for ${clean(names)}, not for ${clean(host.host)}: connect by a name that it bears; sslmode=verify-ca would accept any name.`;
    }
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return `The certificate of ${where} is not signed by ${roots}: is that the right authority, or is somebody in between?`;
    case "CERT_HAS_EXPIRED":
      return `The certificate of ${where} has expired: renew it on the server (sslmode=require without root certificates does not look).`;
    case "CERT_NOT_YET_VALID":
      return `The certificate of ${where} is not valid yet: are both clocks right?`;
    case "CERT_REVOKED":
      return `The certificate of ${where} has been revoked, says ${clean(to.tls.crl)}.`;
  }
  return null;
}

function notAgreed(code: string, said: string, where: string, to: Conninfo): string | null {
  if (/does not support SSL/.test(said)) return `${where} offers no TLS, and sslmode=${to.tls.mode} asks for it.`;
  // What speaks no TLS at all, and no protocol of ours either, is told by the caller.
  if (/wrong version number|establishing an SSL/i.test(said)) return null;
  if (/certificate|self.signed/i.test(said) || code.includes("CERT"))
    return `The TLS certificate of ${where} is not trusted: ${said}.`;
  const tls = /SSL routines:[^:]*:([^:]+)/.exec(said)?.[1];
  if (tls !== undefined || /^ERR_(SSL|OSSL|TLS)/.test(code))
    return `${where} and we cannot agree on TLS: ${tls ?? said}.`;
  return null;
}
