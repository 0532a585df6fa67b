-- PostgreSQL 13: leader_pid, no query_id.
-- $1 bytes of the query text; $2 seconds since the epoch: rows that have been resting since then are left out
-- (null: every row); $3 how many waiters are asked for their blockers, the longest waiting first; $4 blockers of each.
-- Names and texts as bytes in escape format: each session writes in the encoding of its own database, and a function that
-- reads characters would fail for all rows where one of them has bytes that mean nothing here.
select b.pid,
       b.backend_start::text as backend_start,
       extract(epoch from b.backend_start)::float8 as backend_start_seconds,
       b.backend_type,
       pg_catalog.encode(pg_catalog.namesend(b.usename), 'escape') as usename,
       pg_catalog.encode(pg_catalog.namesend(b.datname), 'escape') as datname,
       b.application_name,
       pg_catalog.host(b.client_addr) as client_addr,
       b.client_port,
       b.state,
       b.wait_event_type,
       b.wait_event,
       extract(epoch from b.xact_start)::float8 as xact_start_seconds,
       extract(epoch from b.query_start)::float8 as query_start_seconds,
       extract(epoch from b.state_change)::float8 as state_change_seconds,
       b.backend_xid::text as backend_xid,
       b.backend_xmin::text as backend_xmin,
       b.leader_pid,
       null as query_id,
       case when b.wait_event_type = 'Lock'
             and row_number() over (partition by b.wait_event_type = 'Lock' order by b.query_start) <= $3
            then (pg_catalog.pg_blocking_pids(b.pid))[1:$4]
            -- A serializable read only deferrable transaction, which waits for others to end and for no lock.
            when b.wait_event = 'SafeSnapshot'
            then (pg_catalog.pg_safe_snapshot_blocking_pids(b.pid))[1:$4]
       end as blocked_by,
       pg_catalog.encode(pg_catalog.substr(pg_catalog.textsend(b.query), 1, $1), 'escape') as query
  from pg_catalog.pg_stat_activity b
 where $2::float8 is null
    or b.state is null
    or b.state not in ('idle', 'idle in transaction', 'idle in transaction (aborted)')
    or b.state_change > pg_catalog.to_timestamp($2::float8)
