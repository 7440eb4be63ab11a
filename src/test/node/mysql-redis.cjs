// Three connections of mysql2, one of them left in a transaction, and one of ioredis.
const mysql = require("mysql2/promise");
const Redis = require("ioredis");

async function main() {
  const pool = mysql.createPool({ uri: process.env.DATABASE_URL, connectionLimit: 3 });
  const all = [];
  for (let i = 0; i < 3; i++) {
    all.push(await pool.getConnection());
  }
  await all[0].query("create table if not exists t (a int) engine=innodb");
  await all[0].query("begin");
  await all[0].query("insert into t values (1)");
  all[1].release();
  all[2].release();
  const redis = new (Redis.default ?? Redis)(process.env.REDIS_URL);
  await redis.set("a", "1");
  console.log("connected");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
setInterval(() => {}, 60_000);
