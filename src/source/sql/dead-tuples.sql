-- PostgreSQL 10 and later. Tables of our own database with the most dead rows that VACUUM has not removed yet, as the statistics
-- estimate them: eight of them at most. It looks at every table there is: for when somebody asks, not for every sample.
-- A TOAST table is listed by the name of the table it belongs to. Names as bytes in escape format.
with counted as (
  select c.oid, t.relation, t.toast, pg_catalog.pg_stat_get_dead_tuples(t.relation) as dead
    from pg_catalog.pg_class c
   cross join lateral (values (c.oid, false), (c.reltoastrelid, true)) as t (relation, toast)
   where c.relkind in ('r', 'm') and t.relation <> 0::oid
  -- The function once for each table.
  offset 0
), most as (
  select * from counted where dead > 0 order by dead desc, relation limit 8
)
select pg_catalog.encode(pg_catalog.namesend(n.nspname), 'escape') as nspname,
       pg_catalog.encode(pg_catalog.namesend(c.relname), 'escape') as relname,
       m.oid as relation,
       m.toast,
       pg_catalog.pg_stat_get_live_tuples(m.relation) as live,
       m.dead,
       extract(epoch from pg_catalog.pg_stat_get_last_vacuum_time(m.relation))::float8 as vacuum_seconds,
       extract(epoch from pg_catalog.pg_stat_get_last_autovacuum_time(m.relation))::float8 as autovacuum_seconds
  from most m
  left join pg_catalog.pg_class c on c.oid = m.oid
  left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 order by m.dead desc, m.relation
