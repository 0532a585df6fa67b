-- PostgreSQL 10 and later. What each walsender feeds, from where WAL is here, on a standby where it has come to. The function is the one
-- under pg_stat_replication, which goes over all backends beside it. Of other roles it tells the pid alone without pg_read_all_stats.
select s.pid,
       s.state,
       s.sync_state,
       (select pg_catalog.encode(pg_catalog.namesend(r.slot_name), 'escape')
          from pg_catalog.pg_replication_slots r
         where r.active_pid = s.pid
         order by r.temporary, r.slot_name
         limit 1) as slot_name,
       pg_catalog.pg_wal_lsn_diff(here.lsn, s.sent_lsn) as unsent_bytes,
       pg_catalog.pg_wal_lsn_diff(here.lsn, s.replay_lsn) as unreplayed_bytes,
       extract(epoch from s.replay_lag)::float8 as replay_seconds
  from (select case when pg_catalog.pg_is_in_recovery()
                    then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
                    else pg_catalog.pg_current_wal_lsn()
               end as lsn) here
 cross join pg_catalog.pg_stat_get_wal_senders() s
 order by s.pid
