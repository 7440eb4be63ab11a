// A Nest service's habit gone wrong: one QueryRunner is connected and never released, four others are.
require("reflect-metadata");
const { DataSource } = require("typeorm");

async function main() {
  const source = new DataSource({ type: "postgres", url: process.env.DATABASE_URL, entities: [] });
  await source.initialize();
  const runners = [];
  for (let i = 0; i < 5; i++) {
    runners.push(source.createQueryRunner());
    await runners[i].connect();
    await runners[i].query("select 1");
  }
  for (const runner of runners.slice(1)) {
    await runner.release();
  }
  console.log("one is never released");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
setInterval(() => {}, 60_000);
