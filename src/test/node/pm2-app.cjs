'use strict';
// As PM2's manual says: ready when it has connected to what it needs, and an end of its own when it is told to shut down.
const server = require('http').createServer((request, response) => {
  setTimeout(() => response.end('ok\n'), request.url === '/slow' ? 500 : 3);
});

process.on('message', (message) => {
  if (message === 'shutdown') {
    console.log('told to shut down');
    server.close(() => process.exit(7));
  }
});
setTimeout(() => server.listen(Number(process.env.PORT), process.env.HOST, () => process.send('ready')), 300);
