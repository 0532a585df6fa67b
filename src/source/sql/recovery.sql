-- PostgreSQL 10. How far a standby is, and the process that receives for it; no row on a primary. Names as bytes in escape format.
select pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()) as unreplayed_bytes,
       extract(epoch from pg_catalog.pg_last_xact_replay_timestamp())::float8 as last_replayed_seconds,
       pg_catalog.pg_is_wal_replay_paused() as paused,
       r.pid as receiver_pid,
       r.status,
       null::text as sender_host,
       null::int as sender_port,
       pg_catalog.encode(pg_catalog.textsend(r.slot_name), 'escape') as slot_name,
       extract(epoch from r.last_msg_receipt_time)::float8 as last_message_seconds
  from (select pg_catalog.pg_is_in_recovery() as standby) here
  left join pg_catalog.pg_stat_wal_receiver r on true
 where here.standby
