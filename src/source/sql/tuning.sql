-- PostgreSQL 10 and later. Settings that are shown or reasoned about, in their own units, and whatever waits for a restart. What is set for our session
-- alone, as session.sql does with the time-outs, says nothing of others: reset_val is what a session begins with. A text that waits for a restart
-- may have a password in it (primary_conninfo): its name is enough.
select name,
       case when vartype <> 'string' then reset_val end as reset_val,
       unit,
       case when vartype <> 'string' then boot_val end as boot_val,
       source,
       context,
       pending_restart
  from pg_catalog.pg_settings
 where pending_restart
    or name in (
       -- slots and processes
       'max_connections', 'superuser_reserved_connections', 'reserved_connections', 'max_wal_senders', 'max_worker_processes',
       'max_prepared_transactions', 'max_logical_replication_workers', 'authentication_timeout', 'client_connection_check_interval',
       -- time-outs
       'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout',
       'deadlock_timeout',
       -- memory
       'shared_memory_size', 'shared_buffers', 'huge_pages', 'huge_pages_status', 'work_mem', 'hash_mem_multiplier',
       'maintenance_work_mem', 'autovacuum_work_mem', 'temp_buffers', 'logical_decoding_work_mem', 'effective_cache_size',
       -- parallel workers
       'max_parallel_workers', 'max_parallel_workers_per_gather', 'max_parallel_maintenance_workers',
       -- autovacuum
       'autovacuum', 'autovacuum_max_workers', 'autovacuum_worker_slots', 'autovacuum_naptime', 'autovacuum_vacuum_cost_delay',
       'autovacuum_vacuum_cost_limit', 'track_counts', 'autovacuum_freeze_max_age', 'autovacuum_multixact_freeze_max_age',
       -- durability
       'fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'zero_damaged_pages', 'ignore_checksum_failure',
       -- WAL, checkpoints, the archive, standbys
       'wal_level', 'wal_segment_size', 'max_wal_size', 'checkpoint_timeout', 'checkpoint_completion_target', 'archive_mode',
       'archive_timeout', 'summarize_wal', 'max_slot_wal_keep_size', 'hot_standby', 'hot_standby_feedback',
       -- the rest that processes go by
       'io_method', 'io_workers', 'logging_collector', 'track_activities', 'track_io_timing', 'update_process_title')
 order by name
