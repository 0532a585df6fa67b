-- PostgreSQL 10 and later. Databases in another encoding than UTF8: query texts of their sessions are bytes in that one.
select pg_catalog.encode(pg_catalog.namesend(datname), 'escape') as name,
       pg_catalog.pg_encoding_to_char(encoding) as encoding
  from pg_catalog.pg_database
 where pg_catalog.pg_encoding_to_char(encoding) <> 'UTF8'
