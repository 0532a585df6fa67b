-- PostgreSQL 10 and later. The whole query text that the server keeps of one backend. $1 its pid, $2 backend_start as text:
-- a pid that has been reused answers nothing. The text as bytes, as in activity.sql.
select extract(epoch from query_start)::float8 as query_start_seconds,
       pg_catalog.encode(pg_catalog.textsend(query), 'escape') as query
  from pg_catalog.pg_stat_activity
 where pid = $1 and backend_start = $2::timestamptz
