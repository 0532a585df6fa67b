-- PostgreSQL 18 and later: for roles that may. Reads and writes that are under way asynchronously. pg_aios is a view of the same function.
select pg_catalog.count(*) as under_way
  from pg_catalog.pg_get_aios()
 where state in ('STAGED', 'SUBMITTED')
