'use strict';
// A server without any handling of signals, and a timer that would keep it alive for ever.
const { createServer } = require('http');

setInterval(() => {}, 1000);
createServer((request, response) => {
  setTimeout(() => response.end('ok\n'), request.url === '/slow' ? 500 : 3);
}).listen(Number(process.env.PORT), '127.0.0.1');
