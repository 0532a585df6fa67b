-- PostgreSQL 10 and later. The workers of subscriptions that run, of all databases. Names as bytes in escape format. A table of another
-- database has its name there: here it is a number.
select s.pid,
       pg_catalog.encode(pg_catalog.namesend(s.subname), 'escape') as subscription,
       pg_catalog.encode(pg_catalog.namesend(d.datname), 'escape') as datname,
       pg_catalog.encode(pg_catalog.namesend(n.nspname), 'escape') as nspname,
       pg_catalog.encode(pg_catalog.namesend(c.relname), 'escape') as relname,
       s.relid as relation,
       extract(epoch from s.last_msg_receipt_time)::float8 as last_message_seconds
  from pg_catalog.pg_stat_subscription s
  -- Not everybody may read of which database a subscription is, but everybody sees where its worker is.
  left join lateral pg_catalog.pg_stat_get_activity(s.pid) a on s.relid is not null
  left join pg_catalog.pg_database d on d.oid = a.datid and d.datname <> pg_catalog.current_database()
  left join pg_catalog.pg_class c on c.oid = s.relid and d.oid is null
  left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where s.pid is not null
 order by s.pid
