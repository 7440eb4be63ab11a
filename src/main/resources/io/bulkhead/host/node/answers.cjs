'use strict';
// A socket of this process at which Bulkhead asks: one line, answered by one line of JSON, then the end. In a folder that belongs to
// the app's user alone.

const { OWN } = require('./servers.cjs');

/** From so many names on, those left behind by processes that were killed are taken away. */
const MOST_SOCKETS = 256;
const LONGEST_QUESTION = 64;
/** An answer has bounds: see RunSocket. */
const MOST_NAMES = 300;
const LONGEST_NAME = 64;

const QUESTIONS = {
  heap: () => heap(),
  'leak-profile': () => ({ ...heap(), ...require('./profile.cjs').top() }),
  state: () => state(),
  env: (salt) => variables(salt),
  accept: () => {
    require('./handover.cjs').admit();
    return state();
  },
};

/** Serves `folder`/PID. */
function serve(folder) {
  const fs = require('fs');
  const path = folder + '/' + process.pid;
  if (fs.readdirSync(folder).length >= MOST_SOCKETS) clear(fs, folder);
  fs.rmSync(path, { force: true });
  const server = require('net').createServer(answer);
  server[OWN] = true;
  server.on('error', () => {});
  server.listen(path);
  server.unref();
  process.on('exit', () => {
    try {
      fs.rmSync(path, { force: true });
      for (const name of fs.readdirSync(folder)) {
        if (name.startsWith(process.pid + '.')) fs.rmSync(folder + '/' + name, { force: true });
      }
    } catch {
      // The folder is gone already.
    }
  });
}

/** Takes away the names of processes that were killed, and the marks of former runs (see handover.cjs). */
function clear(fs, folder) {
  for (const name of fs.readdirSync(folder)) {
    if (name === process.env.BULKHEAD_RUN + '.admitted') continue;
    try {
      process.kill(parseInt(name, 10), 0);
    } catch {
      fs.rmSync(folder + '/' + name, { force: true });
    }
  }
}

function answer(socket) {
  let question = '';
  socket.unref();
  socket.on('error', () => socket.destroy());
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    question += text;
    const end = question.indexOf('\n');
    if (end >= 0) {
      socket.removeAllListeners('data');
      socket.end(JSON.stringify(say(question.slice(0, end))) + '\n');
    } else if (question.length > LONGEST_QUESTION) {
      socket.destroy();
    }
  });
}

function say(question) {
  try {
    const [name, word] = question.split(' ');
    const known = Object.prototype.hasOwnProperty.call(QUESTIONS, name);
    return known ? QUESTIONS[name](word) : { error: 'no such question' };
  } catch (failed) {
    return { error: String(failed && failed.message).slice(0, 200) };
  }
}

/** What becomes of the app's servers, and whether it said that it is ready. */
function state() {
  return { ...require('./handover.cjs').state(), ready: require('./messages.cjs').isReady() };
}

/** The variables that it has now, by name; of their values only fingerprints, which mean nothing to who does not know `salt` (hex). */
function variables(salt) {
  const { createHash } = require('crypto');
  const env = {};
  for (const name of Object.keys(process.env).slice(0, MOST_NAMES)) {
    if (name.length > LONGEST_NAME) continue;
    const hash = createHash('sha256').update(Buffer.from(salt, 'hex')).update(String(process.env[name]));
    env[name] = hash.digest('hex').slice(0, 8);
  }
  return { env };
}

function heap() {
  const memory = process.memoryUsage();
  return {
    version: process.version,
    heap_size_limit: require('v8').getHeapStatistics().heap_size_limit,
    heap_used: memory.heapUsed,
    array_buffers: memory.arrayBuffers,
    rss: memory.rss,
  };
}

module.exports = { serve };
