'use strict';
// A server that ends as the manuals say: close, and exit when everybody has been served.
const { createServer } = require('http');

const server = createServer((request, response) => {
  setTimeout(() => response.end('ok\n'), request.url === '/slow' ? 500 : 3);
}).listen(Number(process.env.PORT), '127.0.0.1');

process.on('SIGTERM', () => {
  console.log('own handler');
  server.close(() => process.exit(7));
});
