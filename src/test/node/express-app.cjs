'use strict';
const app = require('express')();

app.get('/slow', (request, response) => setTimeout(() => response.json({ ok: true }), 500));
app.get('/', (request, response) => setTimeout(() => response.send('ok'), 3));
app.listen(Number(process.env.PORT), '127.0.0.1');
