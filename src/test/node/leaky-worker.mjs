// The same as leaky-worker.cjs, as an ES module.
import { appendFileSync } from 'fs';
import { Worker } from 'bullmq';

const kept = [];

function leakyHandler(mebibytes) {
  for (let i = 0; i < mebibytes * 11; i++) {
    kept.push(Array.from({ length: 600 }, (_, n) => ({ n, text: 'job-' + n, list: [n, n + 1, n + 2] })));
  }
}

async function work(job) {
  appendFileSync(process.env.BEGUN, job.data.number + '\n');
  leakyHandler(3);
  await new Promise((resolve) => setTimeout(resolve, 60));
}

new Worker(process.env.QUEUE, work, { connection: { host: '127.0.0.1', port: Number(process.env.REDIS_PORT) }, concurrency: 2 });
