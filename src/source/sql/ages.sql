-- PostgreSQL 10 and later. The databases that are nearest to the end of their transaction ids, or of their multixacts.
select pg_catalog.encode(pg_catalog.namesend(datname), 'escape') as name,
       pg_catalog.age(datfrozenxid) as xids,
       pg_catalog.mxid_age(datminmxid) as multixacts
  from pg_catalog.pg_database
 order by greatest(pg_catalog.age(datfrozenxid), pg_catalog.mxid_age(datminmxid)) desc
 limit 5
