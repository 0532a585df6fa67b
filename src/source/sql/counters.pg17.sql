-- PostgreSQL 17: pg_stat_checkpointer, and pg_stat_io for what sessions have written. What the server has counted since its counters were last
-- reset: checkpoints, buffers by who has written them, how far WAL is, the archive, temporary files. One row; it looks at no backend.
select extract(epoch from pg_catalog.clock_timestamp())::float8 as at_seconds,
       c.num_timed as checkpoints_timed,
       c.num_requested as checkpoints_requested,
       null::int8 as checkpoints_done,
       c.write_time as checkpoint_write_ms,
       c.sync_time as checkpoint_sync_ms,
       c.buffers_written as checkpoint_buffers,
       case when here.standby then c.restartpoints_timed end as restartpoints_timed,
       case when here.standby then c.restartpoints_req end as restartpoints_requested,
       case when here.standby then c.restartpoints_done end as restartpoints_done,
       extract(epoch from c.stats_reset)::float8 as checkpoint_reset_seconds,
       w.buffers_clean,
       w.maxwritten_clean,
       (select pg_catalog.sum(i.writes)
          from pg_catalog.pg_stat_io i
         where i.object = 'relation'
           and i.backend_type in ('client backend', 'background worker', 'autovacuum worker', 'walsender')) as buffers_sessions,
       w.buffers_alloc,
       extract(epoch from w.stats_reset)::float8 as buffers_reset_seconds,
       pg_catalog.pg_wal_lsn_diff(case when here.standby then pg_catalog.pg_last_wal_replay_lsn()
                                       else pg_catalog.pg_current_wal_insert_lsn() end, '0/0') as wal_bytes,
       case when not here.standby then pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) end as current_wal,
       pg_catalog.pg_size_bytes(current_setting('wal_segment_size')) as wal_segment_bytes,
       current_setting('archive_mode') <> 'off' as archiving,
       a.archived_count,
       a.last_archived_wal,
       extract(epoch from a.last_archived_time)::float8 as last_archived_seconds,
       a.failed_count,
       a.last_failed_wal,
       extract(epoch from a.last_failed_time)::float8 as last_failed_seconds,
       extract(epoch from a.stats_reset)::float8 as archiver_reset_seconds,
       t.files as temp_files,
       t.bytes as temp_bytes
  from (select pg_catalog.pg_is_in_recovery() as standby) here
 cross join pg_catalog.pg_stat_checkpointer c
 cross join pg_catalog.pg_stat_bgwriter w
 cross join pg_catalog.pg_stat_archiver a
 cross join (select pg_catalog.sum(temp_files) as files, pg_catalog.sum(temp_bytes) as bytes from pg_catalog.pg_stat_database) t
