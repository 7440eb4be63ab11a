'use strict';
// server.cjs http|express|fastify|nest PORT STATE: answers /N after N milliseconds with its process id. Like most people's code it does nothing
// about signals. STATE is a folder whose files spoil what starts from then on: `late` (listens after 2 s), `throws`, `throws-later` (after
// 1.5 s), `mute` (never listens), `ill` (/health says 500).
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

const [kind, port, state] = process.argv.slice(2);
const fromBench = createRequire(path.join(process.env.BENCH_PACKAGES || __dirname, 'package.json'));
const spoiled = (name) => fs.existsSync(path.join(state, name));
const health = spoiled('ill') ? 500 : 200;
const milliseconds = (url) => Number(url.slice(1)) || 0;
const answer = () => process.pid + '\n';

const kinds = {
  http() {
    require('http')
      .createServer((request, response) => {
        if (request.url === '/health') {
          response.statusCode = health;
          response.end();
        } else {
          setTimeout(() => response.end(answer()), milliseconds(request.url));
        }
      })
      .listen(port);
  },
  express() {
    const app = fromBench('express')();
    app.get('/health', (request, response) => response.status(health).end());
    app.get('/:ms', (request, response) => setTimeout(() => response.send(answer()), Number(request.params.ms)));
    app.listen(port);
  },
  fastify() {
    const app = fromBench('fastify')();
    app.get('/health', (request, reply) => reply.code(health).send());
    app.get('/:ms', async (request) => {
      await new Promise((resolve) => setTimeout(resolve, Number(request.params.ms)));
      return answer();
    });
    app.listen({ port: Number(port), host: '::' });
  },
  async nest() {
    fromBench('reflect-metadata');
    const { Controller, Get, Module, HttpException } = fromBench('@nestjs/common');
    const { NestFactory } = fromBench('@nestjs/core');
    class Answers {
      health() {
        if (health !== 200) throw new HttpException('ill', health);
        return '';
      }
      async any(request) {
        await new Promise((resolve) => setTimeout(resolve, milliseconds(request.url)));
        return answer();
      }
    }
    const { Req } = fromBench('@nestjs/common');
    Controller()(Answers);
    const method = (name) => Object.getOwnPropertyDescriptor(Answers.prototype, name);
    Get('health')(Answers.prototype, 'health', method('health'));
    Get(':ms')(Answers.prototype, 'any', method('any'));
    Req()(Answers.prototype, 'any', 0);
    class App {}
    Module({ controllers: [Answers] })(App);
    const app = await NestFactory.create(App, { logger: false });
    await app.listen(port);
  },
};

if (spoiled('throws')) throw new Error('a broken build');
if (spoiled('throws-later')) setTimeout(() => { throw new Error('a broken build'); }, 1500);
if (spoiled('mute')) setInterval(() => {}, 1000);
else setTimeout(kinds[kind], spoiled('late') ? 2000 : 0);
