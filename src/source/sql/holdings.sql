-- PostgreSQL 10 and later. What one backend holds and waits for: $1 its pid, $2 backend_start as text. No row: it has ended.
-- One row for each table that it holds a lock on, the strongest lock first, six of them at most, and one for the table whose lock
-- it waits for; a row without a table when there are none. Names as bytes in escape format. A relation of another database has its
-- name there: here it is a number.
with mine as (
  select l.locktype, l.database, l.relation, l.granted,
         pg_catalog.array_position(array['AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock',
           'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'], l.mode) as strength,
         l.mode
    from pg_catalog.pg_locks l
    -- A mark of a serializable transaction: nobody waits for it.
   where l.pid = $1 and l.mode <> 'SIReadLock'
), tables as (
  select m.database, m.relation, m.granted, m.strength, m.mode, d.datname, n.nspname, c.relname,
         case when d.oid is null
              then c.relkind in ('r', 'p', 'f', 'm', 'v', 'S')
                   and n.nspname not in ('pg_catalog', 'pg_toast', 'information_schema')
              -- Numbers below are the catalog's.
              else m.relation >= 16384::oid
         end as listed
    from mine m
    left join pg_catalog.pg_database d on d.oid = m.database and d.datname <> pg_catalog.current_database()
    left join pg_catalog.pg_class c on c.oid = m.relation and d.oid is null
    left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where m.locktype = 'relation'
), strongest as (
  select distinct on (database, relation) *
    from tables
   where granted and listed
   order by database, relation, strength desc
)
select (select pg_catalog.count(*) from mine where granted) as locks,
       (select pg_catalog.count(*) from strongest) as relations,
       t.granted,
       pg_catalog.encode(pg_catalog.namesend(t.datname), 'escape') as datname,
       pg_catalog.encode(pg_catalog.namesend(t.nspname), 'escape') as nspname,
       pg_catalog.encode(pg_catalog.namesend(t.relname), 'escape') as relname,
       t.relation,
       t.mode
  from pg_catalog.pg_stat_activity b
  left join ((select * from strongest order by strength desc, relation limit 6)
             union all
             select * from tables where not granted) t on true
 where b.pid = $1 and b.backend_start = $2::timestamptz
 order by t.granted desc, t.strength desc, t.relation
