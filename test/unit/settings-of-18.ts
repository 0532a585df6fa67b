import type { Setting } from "../../src/model/tuning.ts";
import { aSetting } from "./builders.ts";

/** What PostgreSQL 18 begins with, of what is shown. A change by name: its value, or more of its row. */
export function settingsOf18(changes: Readonly<Record<string, string | Partial<Setting>>> = {}): Setting[] {
  return ROWS.map(([name, value, unit, context]) => {
    const change = changes[name];
    const given = typeof change === "string" ? { value: change, source: "configuration file" } : (change ?? {});
    return { ...aSetting(name, value, { unit, context }), ...given };
  });
}

const ROWS: readonly (readonly [name: string, value: string, unit: string | null, context: string])[] = [
  ["archive_mode", "off", null, "postmaster"],
  ["archive_timeout", "0", "s", "sighup"],
  ["authentication_timeout", "60", "s", "sighup"],
  ["autovacuum", "on", null, "sighup"],
  ["autovacuum_freeze_max_age", "200000000", null, "postmaster"],
  ["autovacuum_max_workers", "3", null, "sighup"],
  ["autovacuum_multixact_freeze_max_age", "400000000", null, "postmaster"],
  ["autovacuum_naptime", "60", "s", "sighup"],
  ["autovacuum_vacuum_cost_delay", "2", "ms", "sighup"],
  ["autovacuum_vacuum_cost_limit", "-1", null, "sighup"],
  ["autovacuum_work_mem", "-1", "kB", "sighup"],
  ["autovacuum_worker_slots", "16", null, "postmaster"],
  ["checkpoint_completion_target", "0.9", null, "sighup"],
  ["checkpoint_timeout", "300", "s", "sighup"],
  ["client_connection_check_interval", "0", "ms", "user"],
  ["deadlock_timeout", "1000", "ms", "superuser"],
  ["effective_cache_size", "524288", "8kB", "user"],
  ["hash_mem_multiplier", "2", null, "user"],
  ["hot_standby", "on", null, "postmaster"],
  ["hot_standby_feedback", "off", null, "sighup"],
  ["huge_pages", "try", null, "postmaster"],
  ["huge_pages_status", "off", null, "internal"],
  ["idle_in_transaction_session_timeout", "0", "ms", "user"],
  ["idle_session_timeout", "0", "ms", "user"],
  ["io_method", "worker", null, "postmaster"],
  ["io_workers", "3", null, "sighup"],
  ["lock_timeout", "0", "ms", "user"],
  ["logging_collector", "off", null, "postmaster"],
  ["logical_decoding_work_mem", "65536", "kB", "user"],
  ["maintenance_work_mem", "65536", "kB", "user"],
  ["max_connections", "100", null, "postmaster"],
  ["max_logical_replication_workers", "4", null, "postmaster"],
  ["max_parallel_maintenance_workers", "2", null, "user"],
  ["max_parallel_workers", "8", null, "user"],
  ["max_parallel_workers_per_gather", "2", null, "user"],
  ["max_prepared_transactions", "0", null, "postmaster"],
  ["max_slot_wal_keep_size", "-1", "MB", "sighup"],
  ["max_wal_senders", "10", null, "postmaster"],
  ["max_wal_size", "1024", "MB", "sighup"],
  ["max_worker_processes", "8", null, "postmaster"],
  ["reserved_connections", "0", null, "postmaster"],
  ["shared_buffers", "16384", "8kB", "postmaster"],
  ["shared_memory_size", "150", "MB", "internal"],
  ["statement_timeout", "0", "ms", "user"],
  ["summarize_wal", "off", null, "sighup"],
  ["superuser_reserved_connections", "3", null, "postmaster"],
  ["temp_buffers", "1024", "8kB", "user"],
  ["track_activities", "on", null, "superuser"],
  ["track_counts", "on", null, "superuser"],
  ["track_io_timing", "off", null, "superuser"],
  ["transaction_timeout", "0", "ms", "user"],
  ["update_process_title", "on", null, "superuser"],
  ["wal_level", "replica", null, "postmaster"],
  ["wal_segment_size", "16777216", "B", "internal"],
  ["work_mem", "4096", "kB", "user"],
];
