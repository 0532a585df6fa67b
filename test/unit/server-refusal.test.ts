import { describe, expect, test } from "vitest";
import { conninfo, type Conninfo } from "../../src/connection/conninfo.ts";
import { isForWantOfSlot, isPassing, type RefusalKind } from "../../src/connection/refusal.ts";
import { decoded, refusal } from "../../src/connection/refusals.ts";

const NORMAL: Conninfo = conninfo({ words: ["postgres://app@db1/shop"] }, { HOME: "/home/me" });
const WALSENDER: Conninfo = { ...NORMAL, replication: "database" };

/** The names and the number in a message that no translation touches. */
const NAMES = /pg_use_reserved_connections|SUPERUSER|REPLICATION|max_wal_senders|\b0\b/g;

interface Captured {
  readonly from: string;
  readonly code: string;
  readonly routine: string;
  readonly english: string;
  /** The catalogues of PostgreSQL 15 have these; what came later stands here as a translator would have it. */
  readonly german: string;
  readonly french: string;
  readonly japanese: string;
  readonly to?: Conninfo;
  readonly kind: RefusalKind;
  readonly said: string;
}

const SINCE_12 = "walsenders (roles with REPLICATION) from PostgreSQL 12 on";
const TOO_MANY = {
  english: "sorry, too many clients already",
  german: "tut mir leid, schon zu viele Verbindungen",
  french: "désolé, trop de clients sont déjà connectés",
  japanese: "現在クライアント数が多すぎます",
};
const FOR_SUPERUSERS = {
  english: "remaining connection slots are reserved for non-replication superuser connections",
  german: "die verbleibenden Verbindungen sind für Superuser auf Nicht-Replikationsverbindungen reserviert",
  french:
    "les emplacements de connexions restants sont réservés pour les connexions\nsuperutilisateur non relatif à la réplication",
  japanese: "残りの接続スロットはレプリケーションユーザーではないスーパーユーザー用に予約されています",
};
const WALSENDERS_FULL = {
  english: "number of requested standby connections exceeds max_wal_senders (currently 2)",
  german: "Anzahl angeforderter Standby-Verbindungen überschreitet max_wal_senders (aktuell 2)",
  french: "le nombre de connexions demandées par le serveur en attente dépasse\nmax_wal_senders (actuellement 2)",
  japanese: "要求されたスタンバイ接続が max_wal_senders を超えています（現在は 2）",
};
const NO_REPLICATION = {
  english: "must be superuser or replication role to start walsender",
  german: "nur Superuser und Replikationsrollen können WAL-Sender starten",
  french: "doit être un superutilisateur ou un rôle ayant l'attribut de réplication\npour exécuter walsender",
  japanese: "walsenderを起動するにはスーパーユーザーまたはreplicationロールである必要があります",
};

/** As real servers sent them. */
const CAPTURED: readonly Captured[] = [
  {
    from: "16 to 18, ordinary roles have no slot",
    code: "53300",
    routine: "InitPostgres",
    english:
      'remaining connection slots are reserved for roles with privileges of the "pg_use_reserved_connections" role',
    german:
      "die verbleibenden Verbindungen sind für Rollen mit den Rechten der Rolle »pg_use_reserved_connections« reserviert",
    french:
      "les emplacements de connexion restants sont réservés pour les rôles disposant des droits du rôle « pg_use_reserved_connections »",
    japanese: '残りの接続枠は"pg_use_reserved_connections"ロールの権限を持つロール用に予約されています',
    kind: "app-slots",
    said: "No slot is left for ordinary roles on db1:5432. Still let in: members of pg_use_reserved_connections, superusers, and walsenders (roles with REPLICATION).",
  },
  {
    from: "16 to 18, superusers' slots are left",
    code: "53300",
    routine: "InitPostgres",
    english: "remaining connection slots are reserved for roles with the SUPERUSER attribute",
    german: "die verbleibenden Verbindungen sind für Rollen mit dem SUPERUSER-Attribut reserviert",
    french: "les emplacements de connexions restants sont réservés pour les rôles dotés de l'attribut SUPERUSER",
    japanese: "残りの接続枠はSUPERUSER属性を持つロール用に予約されています",
    kind: "reserved-slots",
    said: "No slot is left on db1:5432 but those reserved for superusers. Still let in: superusers, and walsenders (roles with REPLICATION).",
  },
  {
    from: "10 to 15, superusers' slots are left",
    code: "53300",
    routine: "InitPostgres",
    ...FOR_SUPERUSERS,
    kind: "reserved-slots",
    said: `No slot is left on db1:5432 but those reserved for superusers. Still let in: superusers, and ${SINCE_12}.`,
  },
  {
    from: "10 and 11, a walsender, superusers' slots are left",
    code: "53300",
    routine: "InitPostgres",
    ...FOR_SUPERUSERS,
    to: WALSENDER,
    kind: "walsenders-share-slots",
    said: "On db1:5432, a server before PostgreSQL 12, walsenders take ordinary slots, and what is left is reserved for superusers. Still let in: superusers, by an ordinary connection.",
  },
  {
    from: "10 to 18, no slot at all",
    code: "53300",
    routine: "InitProcess",
    ...TOO_MANY,
    kind: "every-slot",
    said: `Every connection slot of db1:5432 is taken, the reserved ones too. Still let in: ${SINCE_12}.`,
  },
  {
    from: "10 and 11, a walsender, no slot at all",
    code: "53300",
    routine: "InitProcess",
    ...TOO_MANY,
    to: WALSENDER,
    kind: "walsenders-share-slots",
    said: "On db1:5432, a server before PostgreSQL 12, walsenders take ordinary slots, and every one is taken, the reserved ones too.",
  },
  ...["InitProcess", "InitWalSenderSlot"].map((routine): Captured => ({
    from: routine === "InitProcess" ? "12 to 18, one walsender too many" : "10 and 11, one walsender too many",
    code: "53300",
    routine,
    ...WALSENDERS_FULL,
    to: WALSENDER,
    kind: "walsenders-full",
    said: "Every walsender of db1:5432 is taken (max_wal_senders).",
  })),
  {
    from: "12 to 18, no walsenders at all",
    code: "53300",
    routine: "InitProcess",
    english: "number of requested standby connections exceeds max_wal_senders (currently 0)",
    german: "Anzahl angeforderter Standby-Verbindungen überschreitet max_wal_senders (aktuell 0)",
    french: "le nombre de connexions demandées par le serveur en attente dépasse\nmax_wal_senders (actuellement 0)",
    japanese: "要求されたスタンバイ接続が max_wal_senders を超えています（現在は 0）",
    to: WALSENDER,
    kind: "walsenders-full",
    said: "db1:5432 has no place for a walsender (max_wal_senders is 0).",
  },
  ...["ProcessStartupPacket", "BackendInitialize"].map((routine): Captured => ({
    from: routine === "BackendInitialize" ? "17 and 18, a flood" : "10 to 16, a flood",
    code: "53300",
    routine,
    ...TOO_MANY,
    kind: "half-open",
    said: "db1:5432 is flooded with connections that do not log in, and starts no process for another one: nobody gets in until authentication_timeout (60 s, as a rule) ends them.",
  })),
  {
    from: "10 to 18, a role's limit",
    code: "53300",
    routine: "InitializeSessionUserId",
    english: 'too many connections for role "app"',
    german: "zu viele Verbindungen von Rolle »app«",
    french: "trop de connexions pour le rôle « app »",
    japanese: 'ロール"app"からの接続が多すぎます',
    kind: "role-limit",
    said: 'Role "app" is at its own CONNECTION LIMIT on db1:5432. Still let in: other roles, and superusers.',
  },
  {
    from: "10 to 18, a database's limit",
    code: "53300",
    routine: "CheckMyDatabase",
    english: 'too many connections for database "shop"',
    german: "zu viele Verbindungen für Datenbank »shop«",
    french: "trop de connexions pour la base de données « shop »",
    japanese: 'データベース"shop"への接続が多すぎます',
    kind: "database-limit",
    said: 'Database "shop" is at its own CONNECTION LIMIT on db1:5432. Still let in: sessions in other databases, and superusers.',
  },
  {
    from: "10 to 18, a walsender of a role that may not",
    code: "42501",
    routine: "InitPostgres",
    ...NO_REPLICATION,
    to: WALSENDER,
    kind: "no-replication-right",
    said: 'Role "app" may not connect as a walsender on db1:5432: ALTER ROLE app REPLICATION lets it.',
  },
  {
    from: "10 to 18, a role without CONNECT",
    code: "42501",
    routine: "CheckMyDatabase",
    english: 'permission denied for database "shop"',
    german: "keine Berechtigung für Datenbank »shop«",
    french: "droit refusé pour la base de données « shop »",
    japanese: 'データベース"shop"へのアクセスが拒否されました',
    kind: "no-connect-right",
    said: 'Role "app" may not connect to database "shop" on db1:5432: GRANT CONNECT ON DATABASE shop TO app lets it in.',
  },
  {
    from: "10 to 18, a closed database",
    code: "55000",
    routine: "CheckMyDatabase",
    english: 'database "shop" is not currently accepting connections',
    german: "Datenbank »shop« akzeptiert gegenwärtig keine Verbindungen",
    french: "la base de données « shop » n'accepte plus les connexions",
    japanese: '現在データベース"shop"は接続を受け付けません',
    kind: "closed-database",
    said: 'Database "shop" on db1:5432 accepts no connections: name another one with -d.',
  },
  {
    from: "10 to 18, no such database",
    code: "3D000",
    routine: "InitPostgres",
    english: 'database "shop" does not exist',
    german: "Datenbank »shop« existiert nicht",
    french: "la base de données « shop » n'existe pas",
    japanese: 'データベース"shop"は存在しません',
    kind: "database",
    said: 'There is no database "shop" on db1:5432: name one with -d.',
  },
  {
    from: "10 to 18, a wrong password",
    code: "28P01",
    routine: "auth_failed",
    english: 'password authentication failed for user "app"',
    german: "Passwort-Authentifizierung für Benutzer »app« fehlgeschlagen",
    french: "authentification par mot de passe échouée pour l'utilisateur  « app »",
    japanese: 'ユーザー"app"のパスワード認証に失敗しました',
    kind: "password",
    said: 'Wrong password for role "app" on db1:5432; it came from /home/me/.pgpass.',
  },
];

const LANGUAGES = [
  ["English", ({ english }: Captured): string => english],
  ["German", ({ german }: Captured): string => german],
  ["French", ({ french }: Captured): string => french],
  ["Japanese", ({ japanese }: Captured): string => japanese],
  [
    "a language of nobody's",
    ({ english }: Captured): string => `\u001b[2Jzÿx ${english.match(NAMES)?.join(" ") ?? ""}\n|`,
  ],
] as const;

describe.each(LANGUAGES)("a server that speaks %s", (_, text) => {
  test.each(CAPTURED)("$from: $kind", (captured) => {
    const { code, routine, to = NORMAL, kind, said } = captured;
    const error = Object.assign(new Error(text(captured)), { code, routine, severity: "FATAL" });
    expect({ kind: decoded(error, to).kind, said: refusal(error, to) }).toEqual({ kind, said });
  });

  // Here the server's words add what no code tells: whether it starts or stops.
  test.each(["BackendInitialize", "ProcessStartupPacket"])("57P03 of %s: not ready, in its own words", (routine) => {
    const words = text({ ...CAPTURED[0]!, ...SHUTTING_DOWN });
    const error = Object.assign(new Error(words), { code: "57P03", routine, severity: "FATAL" });
    expect(decoded(error, NORMAL).kind).toBe("not-ready");
    expect(refusal(error, NORMAL)).toMatch(/^db1:5432 is starting up, .*hot_standby: [^\n\u001b]+\.$/);
  });
});

const SHUTTING_DOWN = {
  english: "the database system is shutting down",
  german: "das Datenbanksystem fährt herunter",
  french: "le système de base de données s'arrête",
  japanese: "データベースシステムはシャットダウンしています",
};

test("a slot was wanting, or it is soon ready: worth another try; a wrong password is not", () => {
  const kinds = [...CAPTURED.map(({ kind }) => kind), "not-ready", "unreachable"] as const;
  const slots = ["app-slots", "reserved-slots", "walsenders-share-slots", "every-slot", "walsenders-full", "half-open"];
  const wanting = [...slots, "role-limit", "database-limit"];
  expect(new Set(kinds.filter(isForWantOfSlot))).toEqual(new Set(wanting));
  expect(new Set(kinds.filter(isPassing))).toEqual(new Set([...wanting, "not-ready"]));
});
