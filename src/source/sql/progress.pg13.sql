-- PostgreSQL 13: ANALYZE and base backups. How far commands are that take long. The numbers are those that the views pg_stat_progress_* name,
-- which would take the server ten times as long to plan. Of other roles' it tells pid and database alone without pg_read_all_stats. Names as
-- bytes in escape format. A table of another database has its name there: here it is a number.
select t.command,
       i.pid,
       pg_catalog.encode(pg_catalog.namesend(d.datname), 'escape') as datname,
       pg_catalog.encode(pg_catalog.namesend(n.nspname), 'escape') as nspname,
       pg_catalog.encode(pg_catalog.namesend(c.relname), 'escape') as relname,
       i.relid as relation,
       case when t.command = 'CREATE INDEX' then pg_catalog.pg_indexam_progress_phasename(i.param9::oid, i.param11) end as index_phase,
       array[i.param1, i.param2, i.param3, i.param4, i.param5, i.param6, i.param7, i.param8, i.param9,
             i.param10, i.param11, i.param12, i.param13, i.param14, i.param15, i.param16, i.param17, i.param18,
             i.param19, i.param20] as params
  from (values ('VACUUM'), ('CREATE INDEX'), ('CLUSTER'), ('ANALYZE'), ('BASEBACKUP')) as t (command)
 cross join lateral pg_catalog.pg_stat_get_progress_info(t.command) i
  left join pg_catalog.pg_database d on d.oid = i.datid
  left join pg_catalog.pg_class c on c.oid = i.relid and d.datname = pg_catalog.current_database()
  left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 order by i.pid
