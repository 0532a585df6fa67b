-- PostgreSQL 10 and later. What is set for single roles and databases. Names as bytes in escape format.
select pg_catalog.encode(pg_catalog.namesend(d.datname), 'escape') as database,
       pg_catalog.encode(pg_catalog.namesend(r.rolname), 'escape') as role,
       pg_catalog.split_part(c.setting, '=', 1) as name,
       pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1) as value
  from pg_catalog.pg_db_role_setting s
 cross join lateral pg_catalog.unnest(s.setconfig) as c(setting)
  left join pg_catalog.pg_database d on d.oid = s.setdatabase
  left join pg_catalog.pg_roles r on r.oid = s.setrole
 where pg_catalog.split_part(c.setting, '=', 1)
       in ('work_mem', 'hash_mem_multiplier', 'maintenance_work_mem', 'temp_buffers', 'max_parallel_workers_per_gather',
           'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')
 order by 1, 2, 3
 limit 500
