-- PostgreSQL 10 and later. Cancels or terminates backends, each of them only if it still is what somebody was shown.
-- $1 them as one JSON array: [{"n": 0, "pid": 30412, "backend_start": "2026-11-22 09:20:11.123456+00",
-- "backend_type": "client backend", "state": "active", "query_start": 1795339211.123456, "xact_start": 1795339211.120001,
-- "state_change": 1795339211.123457}], where n is the place that comes back with the answer, and the last three are seconds since the epoch as float8, exact to
-- the microsecond with extra_float_digits at 3; $2 'cancel' or 'terminate'; $3 seconds since the epoch on this server's
-- clock: later than that nothing is done.
-- One row for each: `sent` is true of the signal, not of its effect. Every guard stands before the last branch, which alone
-- calls the function, and what is not known passes none of them.
select t.n,
       t.pid,
       t.backend_start::text as backend_start,
       case
         when (extract(epoch from pg_catalog.clock_timestamp())::float8 <= $3::float8) is not true then 'late'
         when b.pid is null then 'gone'
         when b.pid = pg_catalog.pg_backend_pid() then 'protected'
         -- A role without pg_read_all_stats sees neither of these.
         when b.backend_start is null or b.backend_type is null then 'hidden'
         when b.backend_start is distinct from t.backend_start then 'reused'
         when b.backend_type is distinct from t.backend_type then 'changed'
         -- Only what is known to be safe to end by itself: the server's own processes have no database, and the end of a
         -- parallel worker is an error of its leader's query.
         when b.backend_type = 'parallel worker'
           or (b.backend_type not in ('client backend', 'walsender') and b.datid is null) then 'protected'
         when pg_catalog.json_array_length($1) > 1
          and (b.backend_type <> 'client backend' or coalesce(owner.rolsuper, b.usesysid is null)) then 'protected'
         when b.state is distinct from t.state then 'changed'
         -- A cancel is meant for one query.
         when $2 = 'cancel' and b.state in ('active', 'fastpath function call')
          and extract(epoch from b.query_start)::float8 is distinct from t.query_start then 'changed'
         -- An open transaction that rests is meant as it was left: one that has worked since is in use.
         when b.state = 'idle in transaction'
          and extract(epoch from b.state_change)::float8 is distinct from t.state_change then 'changed'
         -- At work inside of a transaction block, it is that transaction which is ended, whichever of its queries runs. (Parse
         -- begins a transaction of one statement, Bind its query: 0.05 ms lie between them.)
         when b.state in ('active', 'fastpath function call') and t.query_start - t.xact_start > 0.0002
          and extract(epoch from b.xact_start)::float8 is distinct from t.xact_start then 'changed'
         -- The function would say true here, and nothing would happen. Without a state it is a process that has none.
         when $2 = 'cancel' and b.state not in ('active', 'fastpath function call', 'disabled') then 'changed'
         when not coalesce(me.superuser or case
                when b.usesysid is null then b.backend_type = 'autovacuum worker' and me.signals_autovacuum
                when owner.rolsuper then false
                else me.signals_backends or pg_catalog.pg_has_role(me.oid, b.usesysid, 'usage')
              end, false) then 'refused'
         -- False comes with a warning: it has ended since this statement looked.
         else case when case $2 when 'cancel' then pg_catalog.pg_cancel_backend(b.pid)
                                when 'terminate' then pg_catalog.pg_terminate_backend(b.pid)
                        end then 'sent' else 'gone' end
       end as verdict,
       b.state,
       extract(epoch from pg_catalog.clock_timestamp())::float8 as server_seconds
  from pg_catalog.json_to_recordset($1) as t(n int, pid int, backend_start timestamptz, backend_type text, state text,
                                             query_start float8, xact_start float8, state_change float8)
  left join pg_catalog.pg_stat_activity b on b.pid = t.pid
  left join pg_catalog.pg_roles owner on owner.oid = b.usesysid
 cross join (select r.oid,
                    r.rolsuper as superuser,
                    pg_catalog.pg_has_role(r.oid, 'pg_signal_backend', 'usage') as signals_backends,
                    -- from 18 on; before, there is no such role, and nobody but a superuser may
                    (select pg_catalog.pg_has_role(r.oid, w.oid, 'usage')
                       from pg_catalog.pg_roles w
                      where w.rolname = 'pg_signal_autovacuum_worker') as signals_autovacuum
               from pg_catalog.pg_roles r
              where r.rolname = current_user) me
