-- PostgreSQL 14 and later: since when each one waits. Who waits for which lock in which mode: one row for each, with all that wait in
-- it, the most first; $1 rows at the most. It looks at every lock there is: to be asked while somebody waits.
-- Names as bytes in escape format. A relation of another database has its name there: here it is a number.
with locks as (
  select * from pg_catalog.pg_locks
), queues as (
  select locktype, database, relation, page, tuple, virtualxid, transactionid::text as xid, classid, objid, objsubid, mode,
         pg_catalog.string_agg(pid::text, ' ' order by waitstart, pid) as pids,
         pg_catalog.string_agg((extract(epoch from waitstart)::float8)::text, ' ' order by waitstart, pid) as since,
         pg_catalog.count(*) as waiters
    from locks
   where not granted and pid is not null
   group by locktype, database, relation, page, tuple, virtualxid, transactionid::text, classid, objid, objsubid, mode
   order by waiters desc, pg_catalog.min(waitstart)
   limit $1
)
select q.locktype,
       q.mode,
       pg_catalog.encode(pg_catalog.namesend(d.datname), 'escape') as datname,
       pg_catalog.encode(pg_catalog.namesend(n.nspname), 'escape') as nspname,
       pg_catalog.encode(pg_catalog.namesend(c.relname), 'escape') as relname,
       q.relation,
       q.page,
       q.tuple,
       q.virtualxid,
       q.xid,
       q.classid,
       q.objid,
       q.objsubid,
       q.pids,
       q.since,
       -- A prepared transaction has no pid; it is known by the lock that each transaction holds on its own xid.
       (select pg_catalog.string_agg(distinct own.transactionid::text || ' ' || held.mode, ',')
          from locks held
          join locks own on own.pid is null and own.locktype = 'transactionid'
                        and own.virtualtransaction = held.virtualtransaction
         where held.pid is null and held.granted and held.locktype = q.locktype
           and (held.database, held.relation, held.page, held.tuple, held.virtualxid, held.transactionid::text,
                held.classid, held.objid, held.objsubid)
               is not distinct from
               (q.database, q.relation, q.page, q.tuple, q.virtualxid, q.xid, q.classid, q.objid, q.objsubid)) as prepared
  from queues q
  left join pg_catalog.pg_database d on d.oid = q.database and d.datname <> pg_catalog.current_database()
  left join pg_catalog.pg_class c on c.oid = q.relation and d.oid is null
  left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 order by q.waiters desc, q.pids
