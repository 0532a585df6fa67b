-- PostgreSQL 10 and later. The instant of a sample: the server's clock, the next transaction id, and the pid of every
-- backend there is, rows of pg_stat_activity that are left out because they did not change among them.
select extract(epoch from pg_catalog.clock_timestamp())::float8 as server_seconds,
       pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())::text as next_xid,
       (select pg_catalog.string_agg(pg_catalog.pg_stat_get_backend_pid(b)::text, ' ')
          from pg_catalog.pg_stat_get_backend_idset() as b) as pids
