-- PostgreSQL 10 and later. What the server is, how many slots it has, and what our role may do.
select current_setting('server_version') as version,
       current_setting('server_version_num') as version_num,
       pg_catalog.pg_is_in_recovery() as standby,
       pg_catalog.encode(pg_catalog.namesend(pg_catalog.current_database()), 'escape') as database,
       pg_catalog.encode(pg_catalog.namesend(current_user), 'escape') as user_name,
       pg_catalog.pg_backend_pid() as own_pid,
       extract(epoch from pg_catalog.pg_postmaster_start_time())::float8 as started_seconds,
       current_setting('max_connections') as max_connections,
       current_setting('superuser_reserved_connections') as superuser_reserved,
       -- from 16 on
       coalesce(current_setting('reserved_connections', true), '0') as reserved,
       current_setting('max_wal_senders') as max_wal_senders,
       current_setting('track_activities') as track_activities,
       (select setting from pg_catalog.pg_settings where name = 'track_activity_query_size') as query_text_bytes,
       r.rolsuper as superuser,
       pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') as read_all_stats,
       pg_catalog.pg_has_role(current_user, 'pg_signal_backend', 'usage') as signal_backend,
       current_setting('server_encoding') as server_encoding,
       -- from 18 on; before, there is no such role
       coalesce((select pg_catalog.pg_has_role(w.oid, 'usage')
                   from pg_catalog.pg_roles w
                  where w.rolname = 'pg_signal_autovacuum_worker'), false) as signal_autovacuum_worker,
       -- from 16 on
       coalesce((select pg_catalog.pg_has_role(w.oid, 'usage')
                   from pg_catalog.pg_roles w
                  where w.rolname = 'pg_use_reserved_connections'), false) as use_reserved_connections,
       -- from 12 on, and from 18 on. A statement with a function that our role may not call fails whether it comes to call it or not.
       coalesce(pg_catalog.has_function_privilege(
         pg_catalog.to_regprocedure('pg_catalog.pg_ls_archive_statusdir()'), 'execute'), false) as lists_archive_status,
       coalesce(pg_catalog.has_function_privilege(
         pg_catalog.to_regprocedure('pg_catalog.pg_get_aios()'), 'execute'), false) as gets_aios
  from pg_catalog.pg_roles r
 where r.rolname = current_user
