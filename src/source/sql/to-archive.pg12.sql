-- PostgreSQL 12 and later: for roles that may. WAL files that wait for the archiver, and not what else it is given: labels of backups, histories of
-- timelines. It looks at each file of a directory in which there are the more the longer the archiver has failed: to be asked now and then.
select pg_catalog.count(*) as files
  from pg_catalog.pg_ls_archive_statusdir()
 where name like '%.ready' and name not like '%.backup.ready' and name not like '%.history.ready'
