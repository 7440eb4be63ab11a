'use strict';
// Two workers behind one port.
const cluster = require('cluster');

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
} else {
  require('http')
    .createServer((request, response) => response.end(String(process.pid)))
    .listen(Number(process.env.PORT), process.env.HOST);
}
