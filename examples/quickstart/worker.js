// A worker that leaks on purpose: it keeps a report of every job it has done, 1.5 MB each, ten a second.
'use strict';

const MIB = 1024 * 1024;
const kept = [];
let jobs = 0;

setInterval(() => {
  jobs += 1;
  kept.push(Buffer.alloc(1.5 * MIB, jobs % 256)); // the leak: nobody ever takes one out
  if (jobs % 10 === 0) {
    const used = Math.round(process.memoryUsage().rss / MIB);
    console.log(`${jobs} jobs done, ${used} MiB in memory`);
  }
}, 100);

console.log('worker started; it leaks 15 MiB a second');
