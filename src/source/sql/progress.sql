-- PostgreSQL 10 to 11. How far VACUUM is. The numbers are those that pg_stat_progress_vacuum names. Of other roles' it tells pid and database
-- alone without pg_read_all_stats. Names as bytes in escape format. A table of another database has its name there: here it is a number.
select 'VACUUM' as command,
       i.pid,
       pg_catalog.encode(pg_catalog.namesend(d.datname), 'escape') as datname,
       pg_catalog.encode(pg_catalog.namesend(n.nspname), 'escape') as nspname,
       pg_catalog.encode(pg_catalog.namesend(c.relname), 'escape') as relname,
       i.relid as relation,
       null::text as index_phase,
       array[i.param1, i.param2, i.param3, i.param4, i.param5, i.param6, i.param7, i.param8, i.param9,
             i.param10] as params
  from pg_catalog.pg_stat_get_progress_info('VACUUM') i
  left join pg_catalog.pg_database d on d.oid = i.datid
  left join pg_catalog.pg_class c on c.oid = i.relid and d.datname = pg_catalog.current_database()
  left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 order by i.pid
