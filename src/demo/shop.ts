import type { Stage, Who } from "./stage.ts";

/** The shop's tables, in the application's own hands, and a warehouse beside it. Small: some hundred milliseconds. */
export async function createShop(stage: Stage): Promise<void> {
  await Promise.all([
    run(stage, { application: "deploy", role: "app", database: "shop", address: null }, SHOP),
    run(stage, { application: "deploy", role: "etl", database: "dwh", address: null }, WAREHOUSE),
  ]);
}

async function run(stage: Stage, who: Who, sql: string): Promise<void> {
  const session = await stage.connect(who);
  await session.query(sql);
  await session.close();
}

const SHOP = `
create table customers (
  id bigint generated always as identity primary key,
  email text not null unique,
  name text not null,
  created_at timestamptz not null default now()
);
create table products (
  id bigint generated always as identity primary key,
  sku text not null unique,
  title text not null,
  price numeric(10, 2) not null,
  vat_class text,
  updated_at timestamptz not null default now()
);
create table inventory (
  sku text primary key,
  available int not null,
  reserved int not null default 0
);
create table orders (
  id bigint generated always as identity primary key,
  customer_id bigint not null,
  status text not null default 'new',
  total numeric(10, 2) not null,
  created_at timestamptz not null default now()
);
create index on orders (customer_id, created_at desc);
create table payments (order_id bigint primary key, provider text not null, state text not null);
create table events (id bigint generated always as identity primary key, at timestamptz not null default now(), body jsonb not null);

insert into customers (email, name) select 'customer' || n || '@example.com', 'Customer ' || n from generate_series(1, 2000) n;
insert into products (sku, title, price)
  select 'SKU-' || (1000 + n), 'Product ' || n, (n * 37 % 20000) / 100.0 + 1 from generate_series(0, 1999) n;
insert into inventory (sku, available) select sku, 100 from products;
insert into orders (customer_id, status, total, created_at)
  select n % 2000 + 1, (array['new', 'paid', 'shipped'])[n % 3 + 1], n % 300 + 5, now() - n * interval '7 minutes'
  from generate_series(1, 20000) n;
insert into payments values (1, 'stripe', 'captured');

-- What it does is wait for a carrier's price list; it lets a report take minutes and processors without costing any.
create function shipping_estimate(order_id bigint) returns numeric language plpgsql parallel safe as $$
begin
  perform pg_sleep(0.02);
  return order_id % 7 + 4.9;
end $$;
analyze;
`;

const WAREHOUSE = `
create table fact_sales (day date not null, sku text not null, quantity int not null, revenue numeric(12, 2) not null);
`;
