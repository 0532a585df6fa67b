-- PostgreSQL 13 and later: whether a slot is lost. What may hold VACUUM back beside the sessions: prepared transactions and replication
-- slots. Whether somebody uses a slot, and how much WAL is kept for it. Names as bytes in escape format.
select 'prepared' as kind,
       pg_catalog.encode(pg_catalog.textsend(gid), 'escape') as name,
       pg_catalog.encode(pg_catalog.namesend(owner), 'escape') as owner,
       pg_catalog.encode(pg_catalog.namesend(database), 'escape') as database,
       transaction::text as xid,
       null::text as xmin,
       null::text as catalog_xmin,
       extract(epoch from prepared)::float8 as since_seconds,
       null::boolean as active,
       null::int as active_pid,
       null::text as retained_bytes
  from pg_catalog.pg_prepared_xacts
union all
select slot_type,
       pg_catalog.encode(pg_catalog.namesend(slot_name), 'escape'),
       null,
       pg_catalog.encode(pg_catalog.namesend(database), 'escape'),
       null,
       xmin::text,
       catalog_xmin::text,
       null,
       active,
       active_pid,
       pg_catalog.pg_wal_lsn_diff(case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
                                       else pg_catalog.pg_current_wal_lsn() end, restart_lsn)::text
  from pg_catalog.pg_replication_slots
 -- One that is lost shows its catalog_xmin as ever, and keeps neither that nor WAL (measured from 13 to 18).
 where wal_status is distinct from 'lost'
