-- PostgreSQL 10 and later. The prepared transactions that a backend waits for: $1 its pid, $2 backend_start as text. They have no
-- pid; what says whose a lock is, is the transaction id that each of them has locked for itself.
-- gid as bytes in the encoding of its database, names as bytes too, both in escape format.
with locks as (
  select * from pg_catalog.pg_locks
)
select distinct
       pg_catalog.encode(pg_catalog.textsend(p.gid), 'escape') as gid,
       pg_catalog.encode(pg_catalog.namesend(p.owner), 'escape') as owner,
       pg_catalog.encode(pg_catalog.namesend(p.database), 'escape') as database,
       extract(epoch from p.prepared)::float8 as prepared_seconds
  from pg_catalog.pg_stat_activity b
  join locks wanted on wanted.pid = b.pid and not wanted.granted
  -- Which modes stand in each other's way: the table in "Explicit Locking" of the manual.
  join (values
         ('AccessShareLock', array['AccessExclusiveLock']),
         ('RowShareLock', array['ExclusiveLock', 'AccessExclusiveLock']),
         ('RowExclusiveLock', array['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock']),
         ('ShareUpdateExclusiveLock', array['ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                                            'AccessExclusiveLock']),
         ('ShareLock', array['RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                             'AccessExclusiveLock']),
         ('ShareRowExclusiveLock', array['RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock',
                                         'ExclusiveLock', 'AccessExclusiveLock']),
         ('ExclusiveLock', array['RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock',
                                 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock']),
         ('AccessExclusiveLock', array['AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock',
                                       'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'])
       ) as conflict(mode, with_modes) on conflict.mode = wanted.mode
  join locks held on held.pid is null
                 and held.granted
                 and held.mode = any (conflict.with_modes)
                 and held.locktype = wanted.locktype
                 and (held.database, held.relation, held.page, held.tuple, held.virtualxid, held.transactionid,
                      held.classid, held.objid, held.objsubid)
                     is not distinct from
                     (wanted.database, wanted.relation, wanted.page, wanted.tuple, wanted.virtualxid, wanted.transactionid,
                      wanted.classid, wanted.objid, wanted.objsubid)
  join locks own on own.pid is null
                and own.locktype = 'transactionid'
                and own.virtualtransaction = held.virtualtransaction
  join pg_catalog.pg_prepared_xacts p on p.transaction = own.transactionid
 where b.pid = $1 and b.backend_start = $2::timestamptz
 order by 4, 1
