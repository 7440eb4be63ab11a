'use strict';
// clients.cjs PORT: asks without a pause over connections that are kept alive, until its standard input ends; a line when 50 have been answered,
// and in the end one of JSON. A refused connection is no lost request: there is no server at that moment. Nor is a new one that is reset
// before a byte came back: the kernel does that to those that nobody had accepted yet when a server closes its socket, and only a socket that
// outlives its server prevents it.
const http = require('http');

const port = Number(process.argv[2]);
const agent = new http.Agent({ keepAlive: true });
const found = { answered: 0, lost: 0, told_to_close: 0, refused: 0, not_accepted: 0, errors: {} };
let over = false;

function ask(path) {
  return new Promise((resolve) => {
    const lost = (name) => {
      found.lost++;
      found.errors[name] = (found.errors[name] || 0) + 1;
      resolve();
    };
    const request = http.get({ host: '127.0.0.1', port, path, agent }, (response) => {
      if (response.headers.connection === 'close') found.told_to_close++;
      response.resume();
      response.on('end', () => {
        if (++found.answered === 50) console.log('answered');
        resolve();
      });
      response.on('error', (broken) => lost(broken.code));
    });
    request.on('error', (failed) => {
      const unseen = failed.code === 'ECONNRESET' && !request.reusedSocket && request.socket.bytesRead === 0;
      if (unseen) found.not_accepted++;
      else if (failed.code === 'ECONNREFUSED') found.refused++;
      else return lost(failed.code);
      setTimeout(resolve, 5);
    });
  });
}

async function client(path) {
  while (!over) await ask(path);
}

const all = [...Array(8).fill('/'), ...Array(4).fill('/slow')].map(client);
process.stdin.resume().on('end', async () => {
  over = true;
  await Promise.all(all);
  console.log(JSON.stringify(found));
  process.exit();
});
