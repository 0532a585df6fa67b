import type { Client } from "pg";
import type { AuthMethod, Conninfo } from "./conninfo.ts";
import type { Wire } from "./wire.ts";

/** The server asked who we are in a way that the user has forbidden. */
export class AuthForbiddenError extends Error {}

/** The server's questions, by the names that the driver gives to the messages. */
const QUESTIONS: Readonly<Record<string, AuthMethod>> = {
  authenticationCleartextPassword: "password",
  authenticationMD5Password: "md5",
  authenticationSASL: "scram-sha-256",
};

/**
 * require_auth and channel_binding=require: before anything is answered, the way in which the server asks is held against what
 * is allowed, so that a server in the middle can not talk us down to sending the password.
 */
export function authGate(client: Client, wire: Wire, to: Conninfo): void {
  const { requireAuth, channelBindingRequired } = to;
  if (requireAuth === null && !channelBindingRequired) return;
  let asked: AuthMethod = "none";
  let bound = false;

  function refuse(reason: string): void {
    wire.emit("error", new AuthForbiddenError(reason));
    wire.stream.destroy();
  }
  function check(method: AuthMethod): void {
    if (requireAuth !== null && requireAuth.methods.includes(method) === requireAuth.negated)
      refuse(`it asks by "${method}", which require_auth does not allow`);
    else if (channelBindingRequired && method !== "scram-sha-256")
      refuse("channel_binding=require, and it does not ask by SCRAM");
  }

  for (const [event, method] of Object.entries(QUESTIONS)) {
    wire.prependListener(event, () => {
      asked = method;
      check(method);
    });
  }
  wire.prependListener("authenticationSASLFinal", () => {
    const { saslSession } = client as unknown as { saslSession: { mechanism: string } | null };
    bound = saslSession?.mechanism === "SCRAM-SHA-256-PLUS";
  });
  wire.prependListener("authenticationOk", () => {
    if (asked === "none") check("none");
    else if (channelBindingRequired && !bound) refuse("channel_binding=require, and it offers none");
  });
}
