-- PostgreSQL 10 and later. Settings that findings reason about, in their own units. What is set for our session alone, as session.sql does
-- with the time-outs, says nothing of others: reset_val is what a session begins with.
select name, reset_val, unit
  from pg_catalog.pg_settings
 where name in ('work_mem', 'hash_mem_multiplier', 'maintenance_work_mem', 'autovacuum_max_workers', 'max_parallel_workers',
                'max_parallel_workers_per_gather', 'shared_memory_size', 'shared_buffers', 'autovacuum_freeze_max_age',
                'autovacuum_multixact_freeze_max_age', 'max_prepared_transactions', 'statement_timeout', 'lock_timeout',
                'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')
