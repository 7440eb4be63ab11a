'use strict';
// clients.cjs PORT [MS,MS,…]: for each MS four clients that connect for every request and four that keep their connection ask without a pause,
// until its standard input ends; then one line of JSON, per group what became of the requests. A request that nobody has answered after 15 s hangs.
const http = require('http');

const HANGS = 15000;
const port = Number(process.argv[2]);
const times = (process.argv[3] || '5,200,2000').split(',').map(Number);
const found = {};
let over = false;

function ask(group, path, agent) {
  return new Promise((resolve) => {
    const done = (word) => {
      group[word] = (group[word] || 0) + 1;
      resolve(word);
    };
    const request = http.get({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode === 200 ? 'answered' : 'HTTP ' + response.statusCode));
      response.on('error', (broken) => done(broken.code || 'broken'));
    });
    request.setTimeout(HANGS, () => {
      done('hung');
      request.destroy();
    });
    request.on('error', (failed) => done(failed.code || 'failed'));
  });
}

async function client(group, path, agent) {
  while (!over) {
    // Who is refused asks again at once: but not so fast that this is all that the machine does.
    if ((await ask(group, path, agent)) === 'ECONNREFUSED') await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const all = [];
for (const ms of times) {
  for (const kept of [false, true]) {
    const group = (found[(kept ? 'kept ' : 'fresh ') + ms] = {});
    for (let i = 0; i < 4; i++) all.push(client(group, '/' + ms, new http.Agent({ keepAlive: kept, maxSockets: 1 })));
  }
}
console.log('asking');
process.stdin.resume().on('end', async () => {
  over = true;
  await Promise.all(all);
  console.log(JSON.stringify(found));
  process.exit();
});
