with recursive level(oids, depth) as (
  select $1::pg_catalog.oid[], 0
  union all
  select array(
    select distinct part.oid
    from pg_catalog.unnest(level.oids) asked(oid)
    join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) asked.oid
    cross join lateral (
      select t.typelem where t.typinput operator(pg_catalog.=) 'pg_catalog.array_in'::pg_catalog.regproc
      union all select t.typbasetype where t.typtype operator(pg_catalog.=) 'd'
      union all select r.rngsubtype from pg_catalog.pg_range r
        where t.typtype operator(pg_catalog.=) 'r' and r.rngtypid operator(pg_catalog.=) t.oid
      union all select r.rngtypid from pg_catalog.pg_range r -- since 14
        where t.typtype operator(pg_catalog.=) 'm' and r.rngmultitypid operator(pg_catalog.=) t.oid -- since 14
      union all select a.atttypid from pg_catalog.pg_attribute a
        where t.typtype operator(pg_catalog.=) 'c' and a.attrelid operator(pg_catalog.=) t.typrelid
        and a.attnum operator(pg_catalog.>) 0 and not a.attisdropped
    ) part(oid)
  ), level.depth operator(pg_catalog.+) 1
  from level
  where pg_catalog.cardinality(level.oids) operator(pg_catalog.>) 0 and level.depth operator(pg_catalog.<) 64
)
select t.oid, t.typname, n.nspname,
  case when t.typinput operator(pg_catalog.=) 'pg_catalog.array_in'::pg_catalog.regproc
    then 'a'::pg_catalog."char" else t.typtype end,
  t.typdelim,
  case when t.typinput operator(pg_catalog.=) 'pg_catalog.array_in'::pg_catalog.regproc then t.typelem
    when t.typtype operator(pg_catalog.=) 'd' then t.typbasetype
    when t.typtype operator(pg_catalog.=) 'r' then
      (select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid operator(pg_catalog.=) t.oid)
    when t.typtype operator(pg_catalog.=) 'm' then -- since 14
      (select r.rngtypid from pg_catalog.pg_range r where r.rngmultitypid operator(pg_catalog.=) t.oid) -- since 14
  end,
  (select p.proname from pg_catalog.pg_proc p where p.oid operator(pg_catalog.=) t.typsend
    and p.pronamespace operator(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace),
  case when t.typtype operator(pg_catalog.=) 'b' and t.typsend operator(pg_catalog.<>) 0 then (
    select e.extname from pg_catalog.pg_depend d
    join pg_catalog.pg_extension e on e.oid operator(pg_catalog.=) d.refobjid
    where d.classid operator(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass
    and d.objid operator(pg_catalog.=) t.oid and d.objsubid operator(pg_catalog.=) 0
    and d.refclassid operator(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass
    and d.deptype operator(pg_catalog.=) 'e') end,
  case when t.typtype operator(pg_catalog.=) 'c' then array(
    select a.attname from pg_catalog.pg_attribute a
    where a.attrelid operator(pg_catalog.=) t.typrelid
    and a.attnum operator(pg_catalog.>) 0 and not a.attisdropped order by a.attnum) end,
  case when t.typtype operator(pg_catalog.=) 'c' then array(
    select a.atttypid from pg_catalog.pg_attribute a
    where a.attrelid operator(pg_catalog.=) t.typrelid
    and a.attnum operator(pg_catalog.>) 0 and not a.attisdropped order by a.attnum) end
from (select distinct u.oid from level cross join pg_catalog.unnest(level.oids) u(oid)) met
join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) met.oid
join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) t.typnamespace
where t.oid operator(pg_catalog.>=) 10000 or t.typtype operator(pg_catalog.=) 'c'
  or t.oid operator(pg_catalog.=) any($1::pg_catalog.oid[])
