-- PostgreSQL 10 and later. As the last statement of a round trip: how long the server has been busy with all of it.
select extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp())::float8 as busy_seconds
