// A small HTTP API without dependencies; nothing in it knows of Bulkhead: GET / tells who answers, GET /health says ok.
'use strict';

const http = require('node:http');

const port = Number(process.env.PORT || 3000);
const host = process.env.HOST || '127.0.0.1';
let answered = 0;

const server = http.createServer((request, response) => {
  answered += 1;
  const body = request.url === '/health'
    ? { status: 'ok' }
    : { app: process.env.BULKHEAD_APP, pid: process.pid, answered, uptime_seconds: Math.round(process.uptime()) };
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body) + '\n');
});

server.on('error', (error) => {
  console.error(error.code === 'EADDRINUSE'
    ? `port ${port} is taken: stop what listens there, or choose another one with PORT=3001`
    : error.message);
  process.exit(1);
});

server.listen(port, host, () => console.log(`listening on http://${host}:${port}/`));

// Asked to stop: take no new connections, finish what is under way, leave.
process.on('SIGTERM', () => {
  console.log('stopping: finishing what is under way');
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
