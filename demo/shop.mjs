// A small shop in temporary tables: the demonstration leaves nothing behind, in a configured database neither.

/** @param {import('../index.d.ts').Connection} connection */
export async function openShop(connection) {
  await connection.execute(`
    create temp table customer (id int8 primary key, name text not null, since date not null default current_date);
    create temp table shop_order (
      id int4 primary key,
      customer_id int8 not null references customer,
      placed_at timestamptz not null,
      total numeric(10, 2) not null,
      tags text[] not null,
      address jsonb not null,
      paid bool not null
    );
    insert into customer (id, name)
      select n, (array['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Frances'])[1 + n % 6] || ' ' || n
        from generate_series(1, 500) n;
    insert into shop_order
      select n, 1 + n % 500, timestamptz '2026-01-01 08:00+00' + n * interval '7 minutes', (n * 37 % 25000) / 100.0,
             case when n % 3 = 0 then array['gift', 'express'] else array['standard'] end,
             jsonb_build_object('city', (array['Lyon', 'Kyoto', 'Quito'])[1 + n % 3], 'zip', 10000 + n), n % 4 <> 0
        from generate_series(1, 5000) n;
    analyze customer; analyze shop_order;
  `)
}
