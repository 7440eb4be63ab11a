import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

class Answers {
  fast() {
    return 'ok';
  }

  async slow() {
    await pause(500);
    return { ok: true };
  }
}

// What @Get() and @Controller() do, without a compiler.
const route = (path, name) => Get(path)(Answers.prototype, name, Object.getOwnPropertyDescriptor(Answers.prototype, name));
route('/', 'fast');
route('/slow', 'slow');
Controller()(Answers);
class App {}
Module({ controllers: [Answers] })(App);

const app = await NestFactory.create(App, { logger: false });
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT), process.env.HOST);
