-- PostgreSQL 10 and later. How many walsenders there are, ours among them, and how many there can be. Everybody may see how many rows
-- there are, if not what is in them.
select (select pg_catalog.count(*)::int from pg_catalog.pg_stat_get_wal_senders()) as used,
       pg_catalog.current_setting('max_wal_senders')::int as max
