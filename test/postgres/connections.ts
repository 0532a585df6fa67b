/**
 * What somebody may type, and where psql then connects to: recorded from psql 15.18, and compared with the psql of the machine where
 * there is one. A, B, S are servers: A has TLS and listens on 127.0.0.1, ::1 and a socket, B has no TLS, S is a standby.
 */
export interface Row {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files in the home directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where both get. */
  readonly gets: string;
  /** Where psql gets, where we decided otherwise (and `why`). */
  readonly psql?: string;
  readonly why?: string;
  /** psql's major from which on it knows this; `gets` is then libpq's manual's word, held against psql where one is new enough. */
  readonly since?: number;
  readonly ipv6?: true;
}

/** `me` is the operating system's user. $A is A's port, $DIR the directory of its socket, $ROOT the file of the authority. */
export const ROWS: readonly Row[] = [
  // URIs
  { args: ["postgres://app@127.0.0.1:$A/shop"], gets: "app@shop tcp A tls" },
  { args: ["postgresql://app@127.0.0.1:$A/shop"], gets: "app@shop tcp A tls" },
  { args: ["postgres://app@127.0.0.1:$A"], gets: "app@app tcp A tls" },
  { args: ["postgres://127.0.0.1:$A/shop"], gets: "me@shop tcp A tls" },
  { args: ["postgres://127.0.0.1:$A"], gets: "me@me tcp A tls" },
  { args: ["postgres://127.0.0.1:$A/shop?user=app"], gets: "app@shop tcp A tls" },
  { args: ["postgres:///shop?host=$DIR&port=$A&user=app"], gets: "app@shop socket A" },
  { args: ["postgres://app@$DIR_ENCODED:$A/shop"], gets: "app@shop socket A" },
  { args: ["postgres://app@[::1]:$A/shop"], gets: "app@shop tcp6 A tls", ipv6: true },
  { args: ["postgres://app@localhost:$B/shop"], gets: "app@shop tcp B" },
  { args: ["postgres://locked:right@127.0.0.1:$A/shop"], gets: "locked@shop tcp A tls" },
  { args: ["postgres://locked@127.0.0.1:$A/shop?password=right"], gets: "locked@shop tcp A tls" },
  { args: ["postgres://locked:wrong@127.0.0.1:$A/shop"], gets: "refused: wrong password" },
  { args: ["postgres://locked@127.0.0.1:$A/shop"], gets: "refused: no password" },
  { args: ["postgres://hashed:right@127.0.0.1:$A/shop"], gets: "hashed@shop tcp A tls" },
  { args: ["postgres://spoken:right@127.0.0.1:$A/shop"], gets: "spoken@shop tcp A tls" },
  { args: ["postgres://symbols:p%40%3A%2F%3F%25%20x@127.0.0.1:$A/shop"], gets: "symbols@shop tcp A tls" },
  { args: ["postgres://o%27dd%20r%40le@127.0.0.1:$A/a%3Db%20c"], gets: "o'dd r@le@a=b c tcp A tls" },
  { args: ["postgres://app@127.0.0.1:$A/shop?application_name=a%20b"], gets: "app@shop tcp A tls app=a b" },
  { args: ["postgres://app@127.0.0.1:$A/shop?fallback_application_name=fall"], gets: "app@shop tcp A tls" },
  { args: ["postgres://app@127.0.0.1:$A/shop?options=-c%20work_mem%3D1MB"], gets: "app@shop tcp A tls work_mem=1MB" },
  { args: ["postgres://app@127.0.0.1:$A/shop?dbname=other"], gets: "app@other tcp A tls" },
  { args: ["postgres://app@127.0.0.1:$A/shop?ssl=true"], gets: "app@shop tcp A tls" },
  { args: ["postgres://app@127.0.0.1:$A/nowhere"], gets: "refused: no such database" },
  { args: ["postgres://nobody@127.0.0.1:$A/shop"], gets: "refused: no such role" },
  { args: ["postgres://app@127.0.0.1:$CLOSED/shop"], gets: "refused: nothing listens" },
  { args: ["postgres://app@no-such-host.invalid/shop"], gets: "refused: no such host" },
  { args: ["postgres://app@127.0.0.1:$A/shop?sslmod=require"], gets: "refused: wrong usage" },
  { args: ["postgres://app@127.0.0.1:$A/shop?connect_timeout"], gets: "refused: wrong usage" },
  { args: ["postgres://app@127.0.0.1:port/shop"], gets: "refused: wrong usage" },
  { args: ["postgres://app:100%@127.0.0.1:$A/shop"], gets: "refused: wrong usage" },
  { args: ["postgres://app@[::1:$A/shop"], gets: "refused: wrong usage" },
  { args: ["postgres://app@127.0.0.1:$A/shop?sslmode=maybe"], gets: "refused: wrong usage" },
  { args: ["postgres://app@127.0.0.1:$A/shop?connect_timeout=soon"], gets: "refused: wrong usage" },
  { args: ["postgres://app@127.0.0.1:70000/shop"], gets: "refused: wrong usage" },

  // name=value
  { args: ["host=127.0.0.1 port=$A user=app dbname=shop"], gets: "app@shop tcp A tls" },
  { args: ["host = 127.0.0.1 port = $A user = app dbname = shop"], gets: "app@shop tcp A tls" },
  { args: ["host=127.0.0.1 port=$A user='o\\'dd r@le' dbname='a=b c'"], gets: "o'dd r@le@a=b c tcp A tls" },
  { args: ["host=127.0.0.1 port=$A user=o\\'dd\\ r@le dbname=a=b\\ c"], gets: "o'dd r@le@a=b c tcp A tls" },
  { args: ["host=$DIR port=$A user=app dbname=shop"], gets: "app@shop socket A" },
  { args: ["host=127.0.0.1 port=$A user=locked password=right dbname=shop"], gets: "locked@shop tcp A tls" },
  { args: ["host=127.0.0.1 port=$A user='' dbname=''"], gets: "me@me tcp A tls" },
  { args: ["host=no-such-host.invalid hostaddr=127.0.0.1 port=$A user=app dbname=shop"], gets: "app@shop tcp A tls" },
  { args: ["hostaddr=127.0.0.1 port=$A user=app dbname=shop"], gets: "app@shop tcp A tls" },
  { args: ["host=127.0.0.1 port=$A user=app dbname='shop"], gets: "refused: wrong usage" },
  { args: ["host=127.0.0.1 port=$A user=app shop"], gets: "refused: wrong usage" },
  { args: ["host=127.0.0.1 port=$A usr=app dbname=shop"], gets: "refused: wrong usage" },

  // flags and words
  { args: ["-h", "127.0.0.1", "-p", "$A", "-U", "app", "-d", "shop"], gets: "app@shop tcp A tls" },
  { args: ["-h", "127.0.0.1", "-p", "$A", "-U", "app", "shop"], gets: "app@shop tcp A tls" },
  { args: ["-h", "127.0.0.1", "-p", "$A", "shop", "app"], gets: "app@shop tcp A tls" },
  { args: ["-h", "127.0.0.1", "-p", "$A", "-d", "shop", "app"], gets: "app@shop tcp A tls" },
  { args: ["-h", "127.0.0.1", "-p", "$A", "-U", "app"], gets: "app@app tcp A tls" },
  { args: ["-h", "$DIR", "-p", "$A", "-U", "app", "shop"], gets: "app@shop socket A" },
  { args: ["-d", "host=127.0.0.1 port=$A dbname=shop", "-U", "app"], gets: "app@shop tcp A tls" },
  { args: ["-U", "nobody", "postgres://app@127.0.0.1:$A/shop"], gets: "app@shop tcp A tls" },
  { args: ["-h", "no-such-host.invalid", "postgres://app@127.0.0.1:$A/shop"], gets: "app@shop tcp A tls" },
  { args: ["-p", "$B", "host=127.0.0.1 user=app dbname=shop"], gets: "app@shop tcp B" },

  // the environment
  { env: { PGHOST: "127.0.0.1", PGPORT: "$A", PGUSER: "app", PGDATABASE: "shop" }, gets: "app@shop tcp A tls" },
  { env: { PGHOST: "127.0.0.1", PGPORT: "$A", PGUSER: "app" }, gets: "app@app tcp A tls" },
  { env: { PGHOST: "127.0.0.1", PGPORT: "$A" }, gets: "me@me tcp A tls" },
  { env: { PGHOST: "$DIR", PGPORT: "$A", PGUSER: "app" }, args: ["shop"], gets: "app@shop socket A" },
  {
    env: { PGHOST: "no-such-host.invalid", PGHOSTADDR: "127.0.0.1", PGPORT: "$A", PGUSER: "app" },
    args: ["shop"],
    gets: "app@shop tcp A tls",
  },
  { env: { PGPORT: "$B", PGUSER: "nobody" }, args: ["postgres://app@127.0.0.1:$A/shop"], gets: "app@shop tcp A tls" },
  { env: { PGPORT: "$A", PGDATABASE: "shop" }, args: ["-h", "127.0.0.1", "-U", "app"], gets: "app@shop tcp A tls" },
  { env: { PGPASSWORD: "right" }, args: ["postgres://locked@127.0.0.1:$A/shop"], gets: "locked@shop tcp A tls" },
  { env: { PGPASSWORD: "wrong" }, args: ["postgres://locked:right@127.0.0.1:$A/shop"], gets: "locked@shop tcp A tls" },
  { env: { PGAPPNAME: "nightly" }, args: ["postgres://app@127.0.0.1:$A/shop"], gets: "app@shop tcp A tls app=nightly" },
  {
    env: { PGOPTIONS: "-c work_mem=2MB" },
    args: ["postgres://app@127.0.0.1:$A/shop"],
    gets: "app@shop tcp A tls work_mem=2MB",
  },
  { env: { PGSSLMODE: "disable" }, args: ["postgres://app@127.0.0.1:$A/shop"], gets: "app@shop tcp A" },
  { env: { PGSSLMODE: "" }, args: ["postgres://app@127.0.0.1:$A/shop"], gets: "refused: wrong usage" },
  { env: { PGCONNECT_TIMEOUT: "soon" }, args: ["postgres://app@127.0.0.1:$A/shop"], gets: "refused: wrong usage" },
  { env: { PGREQUIRESSL: "1" }, args: ["postgres://app@127.0.0.1:$B/shop"], gets: "refused: no TLS" },
  {
    env: { PGHOST: "127.0.0.1", PGPORT: "$A", PGDATABASE: "host=127.0.0.1 dbname=shop", PGUSER: "app" },
    gets: "refused: no such database",
  },

  // the password file
  {
    files: { ".pgpass": "127.0.0.1:$A:shop:locked:right\n" },
    args: ["postgres://locked@127.0.0.1:$A/shop"],
    gets: "locked@shop tcp A tls",
  },
  {
    files: { ".pgpass": "# all of ours\n*:*:*:locked:right\n" },
    args: ["postgres://locked@127.0.0.1:$A/shop"],
    gets: "locked@shop tcp A tls",
  },
  {
    files: { ".pgpass": "127.0.0.1:$A:other:locked:wrong\n*:*:*:*:right\n*:*:*:*:wrong\n" },
    args: ["postgres://locked@127.0.0.1:$A/shop"],
    gets: "locked@shop tcp A tls",
  },
  {
    files: { ".pgpass": "*:*:*:symbols:p@\\:/?% x\n" },
    args: ["postgres://symbols@127.0.0.1:$A/shop"],
    gets: "symbols@shop tcp A tls",
  },
  {
    files: { ".pgpass(644)": "*:*:*:locked:right\n" },
    args: ["postgres://locked@127.0.0.1:$A/shop"],
    gets: "refused: no password",
  },
  {
    files: { elsewhere: "*:*:*:locked:right\n" },
    env: { PGPASSFILE: "$HOME/elsewhere" },
    args: ["postgres://locked@127.0.0.1:$A/shop"],
    gets: "locked@shop tcp A tls",
  },
  {
    files: { elsewhere: "*:*:*:locked:right\n", ".pgpass": "*:*:*:locked:wrong\n" },
    args: ["host=127.0.0.1 port=$A user=locked dbname=shop passfile=$HOME/elsewhere"],
    gets: "locked@shop tcp A tls",
  },
  {
    files: { ".pgpass": "db.example.test:$A:shop:locked:right\n" },
    args: ["host=db.example.test hostaddr=127.0.0.1 port=$A user=locked dbname=shop"],
    gets: "locked@shop tcp A tls",
  },

  {
    files: { ".pgpass": "*:*:*:locked:\n" },
    args: ["postgres://locked@127.0.0.1:$A/shop"],
    gets: "refused: no password",
  },
  { env: { PGPASSWORD: "" }, args: ["postgres://locked@127.0.0.1:$A/shop"], gets: "refused: no password" },
  { args: ["hostaddr=localhost port=$A user=app dbname=shop"], gets: "refused: wrong usage" },

  // services
  {
    files: { ".pg_service.conf": "[ours]\nhost=127.0.0.1\nport=$A\nuser=app\ndbname=shop\n" },
    args: ["service=ours"],
    gets: "app@shop tcp A tls",
  },
  {
    files: { ".pg_service.conf": "# comment\n\n[other]\nhost=nowhere\n\n[ours]\nhost=127.0.0.1\nport=$A\nuser=app\n" },
    env: { PGSERVICE: "ours", PGUSER: "nobody", PGDATABASE: "shop" },
    gets: "app@shop tcp A tls",
  },
  {
    files: { ".pg_service.conf": "[ours]\nhost=nowhere\nport=$A\nuser=app\ndbname=shop\n" },
    args: ["service=ours host=127.0.0.1"],
    gets: "app@shop tcp A tls",
  },
  {
    files: { services: "[ours]\nhost=127.0.0.1\nport=$A\nuser=locked\npassword=right\ndbname=shop\n" },
    env: { PGSERVICEFILE: "$HOME/services" },
    args: ["postgres:///?service=ours"],
    gets: "locked@shop tcp A tls",
  },
  {
    files: { "etc/pg_service.conf": "[ours]\nhost=127.0.0.1\nport=$A\nuser=app\ndbname=shop\n" },
    env: { PGSYSCONFDIR: "$HOME/etc", PGSERVICE: "ours" },
    gets: "app@shop tcp A tls",
  },
  { args: ["service=nowhere"], gets: "refused: wrong usage" },
  {
    files: { ".pg_service.conf": "[ours]\nhots=127.0.0.1\n" },
    args: ["service=ours"],
    gets: "refused: wrong usage",
  },

  // several hosts
  { args: ["postgres://app@127.0.0.1:$CLOSED,127.0.0.1:$A/shop"], gets: "app@shop tcp A tls" },
  { args: ["host=no-such-host.invalid,127.0.0.1 port=$A user=app dbname=shop"], gets: "app@shop tcp A tls" },
  { args: ["-h", "127.0.0.1,127.0.0.1", "-p", "$CLOSED,$B", "-U", "app", "shop"], gets: "app@shop tcp B" },
  {
    env: { PGHOST: "$DIR,127.0.0.1", PGPORT: "$CLOSED,$A", PGUSER: "app" },
    args: ["shop"],
    gets: "app@shop tcp A tls",
  },
  { args: ["postgres://locked:wrong@127.0.0.1:$A,127.0.0.1:$B/shop"], gets: "refused: wrong password" },
  { args: ["host=127.0.0.1,127.0.0.1 port=1,2,3 user=app dbname=shop"], gets: "refused: wrong usage" },
  { args: ["host=a,b hostaddr=127.0.0.1 user=app dbname=shop"], gets: "refused: wrong usage" },
  {
    args: ["postgres://postgres@127.0.0.1:$S,127.0.0.1:$A/postgres?target_session_attrs=read-write"],
    gets: "postgres@postgres tcp A tls",
  },
  {
    args: ["postgres://postgres@127.0.0.1:$A,127.0.0.1:$S/postgres?target_session_attrs=read-only"],
    gets: "postgres@postgres tcp S standby",
  },
  {
    args: ["postgres://postgres@127.0.0.1:$S,127.0.0.1:$A/postgres?target_session_attrs=primary"],
    gets: "postgres@postgres tcp A tls",
  },
  {
    args: ["postgres://postgres@127.0.0.1:$A,127.0.0.1:$S/postgres?target_session_attrs=standby"],
    gets: "postgres@postgres tcp S standby",
  },
  {
    args: ["postgres://postgres@127.0.0.1:$A,127.0.0.1:$B/postgres?target_session_attrs=prefer-standby"],
    gets: "postgres@postgres tcp A tls",
  },
  {
    env: { PGTARGETSESSIONATTRS: "standby" },
    args: ["postgres://postgres@127.0.0.1:$A/postgres"],
    gets: "refused: not of that kind",
  },
  { args: ["postgres://app@127.0.0.1:$A/shop?target_session_attrs=master"], gets: "refused: wrong usage" },
  { args: ["postgres://app@127.0.0.1:$A/shop?load_balance_hosts=random"], gets: "app@shop tcp A tls", since: 16 },

  // TLS
  { args: ["postgres://app@127.0.0.1:$A/shop?sslmode=disable"], gets: "app@shop tcp A" },
  { args: ["postgres://app@127.0.0.1:$A/shop?sslmode=allow"], gets: "app@shop tcp A" },
  { args: ["postgres://app@127.0.0.1:$A/shop?sslmode=require"], gets: "app@shop tcp A tls" },
  { args: ["postgres://app@127.0.0.1:$B/shop?sslmode=prefer"], gets: "app@shop tcp B" },
  { args: ["postgres://app@127.0.0.1:$B/shop?sslmode=require"], gets: "refused: no TLS" },
  { args: ["postgres://tlsonly@127.0.0.1:$A/shop?sslmode=allow"], gets: "tlsonly@shop tcp A tls" },
  { args: ["postgres://tlsonly@127.0.0.1:$A/shop?sslmode=disable"], gets: "refused: no pg_hba line" },
  { args: ["postgres://plainonly@127.0.0.1:$A/shop"], gets: "plainonly@shop tcp A" },
  { args: ["postgres://plainonly@127.0.0.1:$A/shop?sslmode=require"], gets: "refused: no pg_hba line" },
  { args: ["host=$DIR port=$A user=app dbname=shop sslmode=require"], gets: "app@shop socket A" },
  { args: ["postgres://app@127.0.0.1:$A/shop?sslmode=verify-ca"], gets: "refused: no root certificates" },
  { args: ["postgres://app@127.0.0.1:$A/shop?sslmode=verify-ca&sslrootcert=$ROOT"], gets: "app@shop tcp A tls" },
  {
    args: ["postgres://app@127.0.0.1:$A/shop?sslmode=verify-full&sslrootcert=$ROOT"],
    gets: "refused: certificate's name",
  },
  {
    args: [
      "host=db.example.test hostaddr=127.0.0.1 port=$A user=app dbname=shop sslmode=verify-full sslrootcert=$ROOT",
    ],
    gets: "app@shop tcp A tls",
  },
  {
    args: ["host=a.pool.test hostaddr=127.0.0.1 port=$A user=app dbname=shop sslmode=verify-full sslrootcert=$ROOT"],
    gets: "app@shop tcp A tls",
  },
  {
    args: ["host=a.b.pool.test hostaddr=127.0.0.1 port=$A user=app dbname=shop sslmode=verify-full sslrootcert=$ROOT"],
    gets: "refused: certificate's name",
  },
  {
    args: ["postgres://app@127.0.0.1:$A/shop?sslmode=verify-ca&sslrootcert=$OTHER_ROOT"],
    gets: "refused: certificate",
  },
  {
    args: ["postgres://app@127.0.0.1:$A/shop?sslmode=require&sslrootcert=$OTHER_ROOT"],
    gets: "refused: certificate",
  },
  { args: ["postgres://app@127.0.0.1:$A/shop?sslmode=prefer&sslrootcert=$OTHER_ROOT"], gets: "app@shop tcp A" },
  {
    env: { PGSSLMODE: "verify-ca", PGSSLROOTCERT: "$ROOT" },
    args: ["postgres://app@127.0.0.1:$A/shop"],
    gets: "app@shop tcp A tls",
  },
  {
    files: { ".postgresql/root.crt": "$ROOT_PEM" },
    args: ["postgres://app@127.0.0.1:$A/shop?sslmode=verify-ca"],
    gets: "app@shop tcp A tls",
  },
  {
    files: { ".postgresql/root.crt": "$OTHER_ROOT_PEM" },
    args: ["postgres://app@127.0.0.1:$A/shop?sslmode=require"],
    gets: "refused: certificate",
  },
  {
    args: ["postgres://app@127.0.0.1:$A/shop?sslmode=verify-ca&sslrootcert=$ROOT&sslcrl=$REVOKED"],
    gets: "refused: certificate",
  },
  {
    files: { ".postgresql/postgresql.crt": "$CLIENT_CERT", ".postgresql/postgresql.key": "$CLIENT_KEY" },
    args: ["postgres://certified@127.0.0.1:$A/shop"],
    gets: "certified@shop tcp A tls",
  },
  {
    files: { "c.crt": "$CLIENT_CERT", "c.key": "$CLIENT_KEY" },
    args: ["postgres://certified@127.0.0.1:$A/shop?sslcert=$HOME/c.crt&sslkey=$HOME/c.key"],
    gets: "certified@shop tcp A tls",
  },
  {
    files: { ".postgresql/postgresql.crt": "$CLIENT_CERT", ".postgresql/postgresql.key(644)": "$CLIENT_KEY" },
    args: ["postgres://app@127.0.0.1:$A/shop"],
    gets: "app@shop tcp A",
  },
  {
    files: { "c.crt": "$CLIENT_CERT", "c.key(644)": "$CLIENT_KEY" },
    args: ["postgres://certified@127.0.0.1:$A/shop?sslmode=require&sslcert=$HOME/c.crt&sslkey=$HOME/c.key"],
    gets: "refused: key others may read",
  },
  { args: ["postgres://certified@127.0.0.1:$A/shop?sslmode=require"], gets: "refused: no client certificate" },
  {
    args: ["postgres://app@127.0.0.1:$A/shop?ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2"],
    gets: "refused: wrong usage",
  },
  {
    args: ["postgres://app@127.0.0.1:$A/shop?sslmode=require&sslnegotiation=direct"],
    gets: "app@shop tcp A tls",
    since: 17,
  },
  {
    args: ["postgres://app@127.0.0.1:$A/shop?sslmode=allow&sslnegotiation=direct"],
    gets: "refused: wrong usage",
    since: 17,
  },
  {
    args: ["postgres://app@127.0.0.1:$A/shop?sslrootcert=system&sslmode=require"],
    gets: "refused: wrong usage",
    since: 16,
  },

  // how we may be asked
  { args: ["postgres://locked:right@127.0.0.1:$A/shop?channel_binding=require"], gets: "locked@shop tcp A tls" },
  {
    args: ["postgres://locked:right@127.0.0.1:$A/shop?channel_binding=require&sslmode=disable"],
    gets: "refused: not by that way",
  },
  { args: ["postgres://hashed:right@127.0.0.1:$A/shop?channel_binding=require"], gets: "refused: not by that way" },
  {
    args: ["postgres://spoken:right@127.0.0.1:$A/shop?require_auth=scram-sha-256"],
    gets: "refused: not by that way",
    since: 16,
  },
  {
    args: ["postgres://locked:right@127.0.0.1:$A/shop?require_auth=scram-sha-256"],
    gets: "locked@shop tcp A tls",
    since: 16,
  },
  { args: ["postgres://app@127.0.0.1:$A/shop?require_auth=!none"], gets: "refused: not by that way", since: 16 },
  { args: ["postgres://app@127.0.0.1:$A/shop?gssencmode=disable"], gets: "app@shop tcp A tls" },

  // where we decided otherwise
  {
    env: { PGPORT: "$A", PGUSER: "app", PGDATABASE: "shop" },
    gets: "app@shop tcp A tls",
    psql: "refused: no socket",
    why: "no socket in libpq's directory: psql gives up, pgtriage tries localhost",
  },
];

/** The row as one would type it. */
export function typed({ args = [], env = {}, files = {} }: Row): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quote(value)}`);
  const names = Object.entries(files).map(([name, content]) => `~/${name}: ${content.trim().replace(/\n+/g, " ⏎ ")}`);
  return [...variables, ...args.map(quote), ...(names.length > 0 ? [`(${names.join("; ")})`] : [])].join(" ");
}

function quote(text: string): string {
  return /^[\w@:/.,=?&%$*-]+$/.test(text) ? text : `"${text}"`;
}
