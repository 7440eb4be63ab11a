'use strict';
// queue.cjs add NAME COUNT: puts jobs into a queue. queue.cjs count NAME: one line of JSON with what became of them.
const { Queue } = require('bullmq');

async function main([verb, name, count]) {
  const queue = new Queue(name, { connection: { host: '127.0.0.1', port: Number(process.env.REDIS_PORT) } });
  if (verb === 'add') {
    await queue.addBulk(Array.from({ length: Number(count) }, (_, number) => ({ name: 'job', data: { number } })));
  }
  const counts = await queue.getJobCounts('waiting', 'active', 'completed', 'failed', 'delayed');
  const completed = await queue.getJobs(['completed'], 0, -1);
  counts.stalled = completed.filter((job) => job.stalledCounter > 0).length;
  console.log(JSON.stringify(counts));
  await queue.close();
}

main(process.argv.slice(2));
