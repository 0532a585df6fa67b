-- PostgreSQL 16 to 17. What processes of each type have read and written since the counters were last reset.
select backend_type,
       pg_catalog.sum(reads) as reads,
       pg_catalog.sum(writes) as writes,
       pg_catalog.sum(extends) as extends,
       pg_catalog.sum(fsyncs) as fsyncs,
       pg_catalog.sum(reads * op_bytes) as read_bytes,
       pg_catalog.sum(writes * op_bytes) as written_bytes
  from pg_catalog.pg_stat_io
 group by backend_type
 order by backend_type
