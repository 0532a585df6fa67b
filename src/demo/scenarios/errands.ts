import type { Errand } from "./pool.ts";

// What the shop's applications ask, in the handwriting of the frameworks that would ask it. Only `productPage` reads `products`, so
// that a lock on that table stops the shop's visitors and not everybody.

export const productPage: Errand = () => [
  {
    sql: `SELECT "products"."id", "products"."sku", "products"."title", "products"."price"
FROM "products"
WHERE "products"."sku" = $1
LIMIT 1 /*application:web,controller:products,action:show*/`,
    values: [`SKU-${1000 + below(2000)}`],
  },
];

export const orderHistory: Errand = () => [
  {
    sql: `SELECT o.id, o.status, o.total, o.created_at
  FROM orders o
 WHERE o.customer_id = $1
 ORDER BY o.created_at DESC
 LIMIT 20 /*application:web,controller:orders,action:index*/`,
    values: [1 + below(2000)],
  },
];

export const session: Errand = () => [
  {
    sql: `SELECT "customers".* FROM "customers" WHERE "customers"."id" = ${1 + below(2000)} LIMIT 1`,
  },
];

export const checkout: Errand = () => [
  {
    sql: "INSERT INTO orders (customer_id, status, total) VALUES ($1, 'new', $2) RETURNING id",
    values: [1 + below(2000), 5 + below(300)],
  },
  {
    sql: "INSERT INTO events (body) VALUES ($1)",
    values: [JSON.stringify({ type: "order.created", source: "checkout", total: 5 + below(300) })],
  },
];

export const nextJob: Errand = () => [
  {
    sql: `-- name: NextOrderToShip :one
UPDATE orders SET status = 'shipped'
WHERE id = (
  SELECT id FROM orders WHERE status = 'paid' ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id`,
  },
];

export const recordEvent: Errand = () => [
  {
    sql: `INSERT INTO events (body) VALUES ('{"type": "page.viewed", "path": "/p/SKU-${1000 + below(2000)}", "ms": ${below(400)}}')`,
  },
];

export const touchCustomer: Errand = () => [
  { sql: "UPDATE customers SET name = name WHERE id = $1", values: [1 + below(2000)] },
];

export const revenueCard: Errand = () => [
  {
    sql: `-- Metabase:: userID: 17 queryType: native queryHash: 5c1f0b
SELECT date_trunc('day', created_at) AS day, count(*) AS orders, sum(total) AS revenue
FROM orders
WHERE created_at > now() - interval '30 days'
GROUP BY 1
ORDER BY 1`,
  },
];

export const loadSales: Errand = () => [
  {
    sql: `INSERT INTO fact_sales (day, sku, quantity, revenue)
SELECT current_date, 'SKU-' || (1000 + n), n % 9 + 1, n * 1.19
FROM generate_series(1, 200) AS n`,
  },
  { sql: "SELECT pg_sleep(1.5) /* waiting for the next chunk of sales_2026.csv */" },
  { sql: "DELETE FROM fact_sales WHERE day <= current_date" },
];

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}
