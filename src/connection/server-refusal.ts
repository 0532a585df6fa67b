import { clean } from "../text/clean.ts";
import { identifier } from "../text/identifier.ts";
import type { Conninfo } from "./conninfo.ts";
import type { DriverError } from "./driver-error.ts";
import type { Refusal, RefusalKind } from "./refusal.ts";

/**
 * What a server says when it does not let us in, by SQLSTATE and by the routine that raised it. Never by the text, which comes in
 * the server's language; but names that stand in it as such (a setting, an attribute) are the same in all of them. Null: not the
 * server's word, or none that is known here.
 *
 * @param where the place, cleaned
 */
export function serverRefusal(error: DriverError, to: Conninfo, where: string): Refusal | null {
  const { code = "", routine = "", message = "" } = error;
  const said = clean(message);
  const role = `"${clean(to.user)}"`;
  const database = `"${clean(to.database)}"`;
  switch (code) {
    case "08P01": {
      // PgBouncer's one code for everything; which limit it is, is told by the name of the setting.
      const setting = /\bmax_\w*client_conn\w*/.exec(message)?.[0];
      if (setting === undefined) return null;
      return refusal("other-slots", `The pooler on ${where} takes no more clients (${setting}).`);
    }
    case "28P01": {
      const from = clean(to.password === null ? to.passfile : to.passwordFrom);
      return refusal("password", `Wrong password for role ${role} on ${where}; it came from ${from}.`);
    }
    case "28000": {
      const about = `${where} does not let role ${role} in: ${said}. Is the role right, and`;
      return routine === "InitializeSessionUserId"
        ? refusal("role", `${about} may it LOGIN?`)
        : refusal("hba", `${about} does pg_hba.conf have a line for it?`);
    }
    case "3D000":
      return refusal("database", `There is no database ${database} on ${where}: name one with -d.`);
    case "42501":
      return missingRight(routine, to, where);
    case "53300":
      return wantOfSlot(error, to, where);
    case "55000":
      return refusal(
        "closed-database",
        `Database ${database} on ${where} accepts no connections: name another one with -d.`,
      );
    case "57P03":
      return refusal(
        "not-ready",
        `${where} is starting up, shutting down, recovering, or a standby without hot_standby: ${said}.`,
      );
  }
  return null;
}

function refusal(kind: RefusalKind, sentence: string, stillIn: string | null = null): Refusal {
  return { kind, sentence, stillIn };
}

function missingRight(routine: string, to: Conninfo, where: string): Refusal | null {
  const role = `"${clean(to.user)}"`;
  const grantee = clean(identifier(to.user));
  if (routine === "CheckMyDatabase") {
    const grant = `GRANT CONNECT ON DATABASE ${clean(identifier(to.database))} TO ${grantee}`;
    return refusal(
      "no-connect-right",
      `Role ${role} may not connect to database "${clean(to.database)}" on ${where}: ${grant} lets it in.`,
    );
  }
  if (to.replication === null) return null;
  return refusal(
    "no-replication-right",
    `Role ${role} may not connect as a walsender on ${where}: ALTER ROLE ${grantee} REPLICATION lets it.`,
  );
}

/**
 * 53300 has many meanings. From 12 on a walsender is counted by max_wal_senders alone, and of the other meanings only the flood is
 * for it too; the limits of role and database are so by minor release (12.22 counts a walsender, 15.18, 17.10 and 18.4 do not).
 */
function wantOfSlot({ routine = "", message = "" }: DriverError, to: Conninfo, where: string): Refusal {
  const walsender = to.replication !== null;
  switch (routine) {
    case "InitializeSessionUserId":
      return refusal(
        "role-limit",
        `Role "${clean(to.user)}" is at its own CONNECTION LIMIT on ${where}.`,
        "other roles, and superusers",
      );
    case "CheckMyDatabase":
      return refusal(
        "database-limit",
        `Database "${clean(to.database)}" is at its own CONNECTION LIMIT on ${where}.`,
        "sessions in other databases, and superusers",
      );
    case "InitWalSenderSlot": // 10 and 11
      return walsendersFull(where, message);
    case "InitPostgres":
      if (walsender)
        return refusal(
          "walsenders-share-slots",
          `On ${where}, a server before PostgreSQL 12, walsenders take ordinary slots, and what is left is reserved for superusers.`,
          "superusers, by an ordinary connection",
        );
      return reserve(message, where);
    case "InitProcess":
      if (message.includes("max_wal_senders")) return walsendersFull(where, message);
      if (walsender)
        return refusal(
          "walsenders-share-slots",
          `On ${where}, a server before PostgreSQL 12, walsenders take ordinary slots, and every one is taken, the reserved ones too.`,
        );
      return refusal(
        "every-slot",
        `Every connection slot of ${where} is taken, the reserved ones too.`,
        `${WALSENDERS} from PostgreSQL 12 on`,
      );
    case "ProcessStartupPacket": // until 16
    case "BackendInitialize":
      return refusal(
        "half-open",
        `${where} is flooded with connections that do not log in, and starts no process for another one: nobody gets in until authentication_timeout (60 s, as a rule) ends them.`,
      );
  }
  return refusal("other-slots", `No connection slot is free on ${where}: ${clean(message)}.`);
}

/** Who may use what is left is named since 16, as an argument of the message; before, it was always superusers. */
function reserve(message: string, where: string): Refusal {
  if (message.includes("pg_use_reserved_connections"))
    return refusal(
      "app-slots",
      `No slot is left for ordinary roles on ${where}.`,
      `members of pg_use_reserved_connections, superusers, and ${WALSENDERS}`,
    );
  const since = message.includes("SUPERUSER") ? "" : " from PostgreSQL 12 on";
  return refusal(
    "reserved-slots",
    `No slot is left on ${where} but those reserved for superusers.`,
    `superusers, and ${WALSENDERS}${since}`,
  );
}

/** How many there can be stands in the message, a number in every language. */
function walsendersFull(where: string, message: string): Refusal {
  if (/\b0\b/.test(message))
    return refusal("walsenders-full", `${where} has no place for a walsender (max_wal_senders is 0).`);
  return refusal("walsenders-full", `Every walsender of ${where} is taken (max_wal_senders).`);
}

const WALSENDERS = "walsenders (roles with REPLICATION)";
