-- PostgreSQL 17 and later: transaction_timeout as well. Our own session: never waits long, never keeps anything open, is found by its name.
-- Set after connecting: poolers refuse most of these as start-up parameters.
-- First of all, nobody else's functions and operators: whoever may create some in a schema of our search_path, or owns the
-- database and sets the path, would have them run with our rights, and could make two starts of a session look equal.
set search_path = pg_catalog, pg_temp;
set statement_timeout = '5s';
set lock_timeout = '1s';
set idle_in_transaction_session_timeout = '10s';
-- We rest between two samples, for minutes where somebody wants that: not a reason to be ended.
set idle_session_timeout = 0;
set transaction_timeout = 0;
-- A network that has dropped us without a word must not leave our place taken for hours: the server asks whether we are still there.
set tcp_keepalives_idle = 15;
set tcp_keepalives_interval = 5;
-- Ages and identities travel as text: the same text whatever the role or database is set to.
set datestyle = 'ISO, YMD';
set timezone = 'UTC';
-- Seconds come with all their digits, since an order sends them back to be compared: 10 and 11 leave the last microsecond away.
set extra_float_digits = 3;
-- No conversion on the way to us: sessions of other databases write in other encodings, and one byte of theirs that does not
-- convert would fail our whole sample.
set client_encoding = 'SQL_ASCII';
set client_min_messages = 'warning'
