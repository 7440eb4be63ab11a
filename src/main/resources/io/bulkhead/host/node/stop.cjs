'use strict';
// The stop signal. A process that serves nothing, and one with a handler of its own, ends as it always did; others finish
// what they have begun.

const servers = require('./servers.cjs');
const workers = require('./workers.cjs');

/** Between two looks at what is left, in milliseconds. */
const LOOK = 50;

let signal;
let listening = false;
let draining = false;

/** From now on `name` (such as "SIGTERM") lets this process end gracefully. */
function on(name) {
  signal = name;
  servers.watch(somethingToDrain);
  workers.watch(somethingToDrain);
}

/** While there is nothing to drain the signal keeps its default: many tools look at who listens before they decide how to end. */
function somethingToDrain() {
  if (!listening) {
    listening = true;
    process.prependListener(signal, stop);
  }
}

function stop() {
  if (draining) return;
  try {
    if (othersListen()) {
      servers.letEnd();
    } else if (servers.none() && workers.none()) {
      asWithoutUs();
    } else if (isPrimary()) {
      asWithoutUs();
    } else {
      draining = true;
      servers.drain();
      workers.drain();
      endWhenIdle();
    }
  } catch {
    if (!draining && !othersListen()) asWithoutUs();
  }
}

/** signal-exit (in many tools) listens too, but only to look: it counts who else does, and so do we. */
function othersListen() {
  const lookers = [process.__signal_exit_emitter__, globalThis[Symbol.for('signal-exit emitter')]];
  let passive = 0;
  for (const looker of lookers) {
    if (looker && typeof looker.count === 'number') passive += looker.count;
  }
  return process.listenerCount(signal) - 1 - passive > 0;
}

/** The primary of a cluster owns its workers' listening sockets: it ends at once, and they with it, as ever. */
function isPrimary() {
  return Object.keys(require('cluster').workers || {}).length > 0;
}

function asWithoutUs() {
  process.removeListener(signal, stop);
  listening = false;
  process.kill(process.pid, signal);
}

/** Timers, intervals and outgoing connections do not count: they would keep it alive for ever. */
function endWhenIdle() {
  const look = () => {
    if (servers.look() && workers.none()) process.exit();
  };
  // Timers come before the poll for events: a process that had no processor for a while has not seen yet what came meanwhile.
  setInterval(() => setImmediate(look), LOOK);
}

module.exports = { on };
