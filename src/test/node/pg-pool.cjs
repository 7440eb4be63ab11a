// A pool of pg that holds SIZE connections: all checked out at once, then given back but for LEAK of them. With TRANSACTION=1 these are left in a transaction.
const { Pool } = require("pg");

const size = Number(process.env.SIZE || 10);
const leak = Number(process.env.LEAK || 0);
// KEEP: what is given back is kept, so that the owners can be looked at.
const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  max: size,
  idleTimeoutMillis: process.env.KEEP ? 0 : 10_000,
});
pool.on("error", (error) => console.log("pool: " + error.message));

async function main() {
  const clients = [];
  for (let i = 0; i < size; i++) {
    clients.push(await pool.connect());
    await clients[i].query("select 1");
  }
  for (const client of clients.slice(leak)) {
    client.release();
  }
  if (process.env.TRANSACTION) {
    await clients[0].query("begin");
    await clients[0].query("select 1");
  }
  console.log("holds " + pool.totalCount);
}

main().catch((error) => {
  console.error("error: " + error.message + " (" + error.code + ")");
  process.exit(1);
});
setInterval(() => {}, 60_000);
