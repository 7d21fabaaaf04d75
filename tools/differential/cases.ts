// What all three read: literals of every type, random ones and those at its limits.

import fc from 'fast-check'
import { builtin } from '../../__test__/types/properties/families/builtin.ts'

export interface Case {
  /** As the report calls it. */
  readonly type: string
  /** The expression that makes a value of the text `x`. */
  readonly from: string
  readonly literals: readonly string[]
}

/** Literals of types that have no family: PostgreSQL's own names, containers. */
const MORE: readonly (readonly [type: string, ...literals: string[]])[] = [
  ['regclass', 'pg_class', 'pg_type', 'pg_catalog.pg_proc'],
  ['regtype', 'integer', 'text[]', '"char"', 'timestamp with time zone'],
  ['regproc', 'now', 'pg_backend_pid'],
  ['regprocedure', 'abs(integer)', 'lower(text)'],
  ['regnamespace', 'pg_catalog', 'public'],
  ['regrole', 'postgres', 'pg_monitor'],
  ['int2vector', '', '1', '-1 2 32767'],
  ['oidvector', '', '1', '0 4294967295'],
  ['aclitem', 'postgres=r/postgres', '=arw/postgres'],
  ['int4[]', '{}', '{1,NULL,3}', '{{1,2},{3,NULL}}', '[5:6]={1,2}', '{{{1}}}', '[0:1][-1:0]={{1,2},{3,4}}'],
  ['text[]', '{}', '{a,NULL,"NULL","",a b}', '{{"{","}"},{"\\"","\\\\"}}'],
  ['numeric[]', '{1.50,NULL,NaN,-0.00}'],
  ['float8[]', '{1.5,-0,NaN,Infinity}'],
  ['timestamptz[]', '{2024-01-31 10:00:00.123456+00,NULL}'],
  ['jsonb[]', '{NULL,"{\\"a\\": [1, null]}","null"}'],
  ['int4range[]', '{"[1,5)",empty,NULL,"(,)"}'],
  ['box[]', '{(3,4),(1,2);(1,1),(0,0)}'],
  ['int4range', '[1,5)', '[1,5]', '(1,5)', '(,5)', '[1,)', '(,)', 'empty', '[3,3)'],
  ['int8range', '[1,9007199254740993)', '(,)', 'empty', '[-9223372036854775808,0)'],
  ['numrange', '[1.50,2]', '(1,2)', '[-Infinity,Infinity]', '[NaN,)', 'empty'],
  [
    'daterange',
    '[2024-02-29,2024-03-01)',
    '(,2024-02-29]',
    '[0044-03-15 BC,)',
    '[2024-01-01,infinity)',
    'empty',
  ],
  ['tsrange', '[2024-01-31 10:00,2024-01-31 11:00:00.000001)', '(,)', '[-infinity,2024-01-31]'],
  ['tstzrange', '["2024-01-31 10:00+01",)', '(,"2024-01-31 10:00+01"]', 'empty'],
  ['int4multirange', '{}', '{[1,5)}', '{(,1),[3,5),[9,)}', '{(,)}'],
  ['nummultirange', '{[1.5,2],(3,4)}'],
  ['datemultirange', '{[2024-02-29,2024-03-02)}', '{(,0044-03-15 BC)}'],
  ['tstzmultirange', '{["2024-01-31 10:00+00",)}'],
]

/** Makes the types of the database's own that {@link OWN} has values of. */
export const SETUP = `
  create extension hstore;
  create extension citext;
  create extension ltree;
  create type mood as enum ('sad', 'so so', 'it''s "fine"');
  create domain positive as int check (value > 0);
  create domain ratings as positive[];
  create type pair as (a int, b text);
  create type nest as (first pair, others pair[], mood mood, at timestamptz, size numeric);
  create type floats as range (subtype = float8)`

const OWN: readonly (readonly [type: string, ...literals: string[]])[] = [
  ['mood', 'sad', 'so so', 'it\'s "fine"'],
  ['mood[]', '{sad,NULL,"so so"}', '{}'],
  ['positive', '1', '2147483647'],
  ['positive[]', '{1,NULL}'],
  ['ratings', '{1,2}', '{}'],
  ['pair', '(1,x)', '(,)', '(,"")', '(-7,"a ""b"" \\\\ ,()")'],
  ['pair[]', '{"(1,x)",NULL,"(,)"}', '{}'],
  ['nest', '("(1,x)","{""(2,y)"",NULL}",sad,2024-01-31 10:00:00.000001+00,1.50)', '(,,,,)', '(,{},,,)'],
  ['floats', '[0.1,1.5)', '(,)', 'empty'],
  ['hstore', '', 'a=>1', 'a=>NULL, "b c"=>"d\\"e"', '__proto__=>x'],
  ['citext', 'AbC', ''],
  ['ltree', 'Top.Science', ''],
]

/**
 * @param size literals a family
 * @param seed the same one gives the same cases
 */
export function cases(size: number, seed: number): Case[] {
  const found = new Map<string, Case>()
  const add = (type: string, from: string, literals: readonly string[]): void => {
    const known = found.get(type)?.literals ?? []
    found.set(type, { type, from, literals: [...new Set([...known, ...literals])] })
  }
  for (const { type, samples, from, options } of builtin) {
    // Timestamps of every precision are in the families of their texts.
    if (options !== undefined && !('timestamp' in options)) continue
    const some = fc.sample(samples, { numRuns: size, seed })
    add(
      type,
      from ?? `x::${type}`,
      some.map(({ literal }) => literal),
    )
  }
  for (const [type, ...literals] of [...MORE, ...OWN]) add(type, `x::${type}`, literals)
  return [...found.values()]
}
