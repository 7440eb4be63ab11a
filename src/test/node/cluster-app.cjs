'use strict';
// Two workers behind one port; those that die are replaced.
const cluster = require('cluster');

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
  cluster.on('exit', () => cluster.fork());
} else {
  require('http')
    .createServer((request, response) => response.end(String(process.pid)))
    .listen(Number(process.env.PORT), process.env.HOST);
}
