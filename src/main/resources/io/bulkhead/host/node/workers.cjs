'use strict';
// BullMQ workers: at the stop each finishes its active jobs and takes no new one.
//
// `import 'bullmq'` reaches its CommonJS build too (its package.json has no "exports"), and every Node from 18 to 24 loads that through
// Module._load, by its absolute path.

const Module = require('module');

const running = new Set();
const SEEN = Symbol('bulkhead');
let draining = false;

/** Calls `found` when a worker begins to work. */
function watch(found) {
  const load = Module._load;
  Module._load = function (request) {
    const exported = load.apply(this, arguments);
    if (typeof request === 'string' && request.includes('bullmq')) {
      try {
        notice(exported, found);
      } catch {
        // Not the bullmq we know.
      }
    }
    return exported;
  };
}

function notice(exported, found) {
  const prototype = exported && exported.Worker && exported.Worker.prototype;
  if (!prototype || typeof prototype.run !== 'function' || typeof prototype.close !== 'function') return;
  if (Object.prototype.hasOwnProperty.call(prototype, SEEN)) return;
  Object.defineProperty(prototype, SEEN, { value: true });
  const run = prototype.run;
  prototype.run = function () {
    add(this, found);
    return run.apply(this, arguments);
  };
}

function add(worker, found) {
  if (running.has(worker)) return;
  running.add(worker);
  worker.once('closed', () => running.delete(worker));
  found();
  if (draining) close(worker);
}

function drain() {
  draining = true;
  for (const worker of running) close(worker);
}

/** Waits for the active jobs, however long they take: who has no more patience sends SIGKILL. */
function close(worker) {
  const over = () => running.delete(worker);
  Promise.resolve(worker.close()).then(over, over);
}

function none() {
  return running.size === 0;
}

module.exports = { watch, drain, none };
