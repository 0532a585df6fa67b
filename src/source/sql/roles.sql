-- PostgreSQL 10 and later. Superusers, whose sessions nobody else may end, and the roles whose privileges ours has: their
-- sessions it may end without pg_signal_backend. A superuser has those of all, which may be thousands, and needs no list.
select pg_catalog.encode(pg_catalog.namesend(r.rolname), 'escape') as name,
       r.rolsuper as superuser,
       r.oid = me.oid or (not me.rolsuper and pg_catalog.pg_has_role(me.oid, r.oid, 'usage')) as ours
  from pg_catalog.pg_roles r
 cross join (select oid, rolsuper from pg_catalog.pg_roles where rolname = current_user) me
 where r.rolsuper or r.oid = me.oid or (not me.rolsuper and pg_catalog.pg_has_role(me.oid, r.oid, 'usage'))
 order by r.oid <> me.oid, r.rolname
