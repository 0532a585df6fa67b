-- PostgreSQL 10 and later. Limits of single databases and roles, which refuse before max_connections does.
select 'database' as kind, pg_catalog.encode(pg_catalog.namesend(datname), 'escape') as name, datconnlimit as connection_limit
  from pg_catalog.pg_database
 where datconnlimit >= 0
union all
select 'role', pg_catalog.encode(pg_catalog.namesend(rolname), 'escape'), rolconnlimit
  from pg_catalog.pg_roles
 where rolconnlimit >= 0 and not rolsuper
