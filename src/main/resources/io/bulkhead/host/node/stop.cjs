'use strict';
// The stop signal. A process that serves nothing, and one with a handler of its own, ends as it always did; others finish
// what they have begun.

const messages = require('./messages.cjs');
const servers = require('./servers.cjs');
const workers = require('./workers.cjs');

/** Between two looks at what is left, in milliseconds. */
const LOOK = 50;
/** An app that has been told 'shutdown' closes its servers by itself, or has them closed after this time (milliseconds). */
const OWN_CLOSE = 100;
/** And has this time for what it does afterwards, as under PM2. */
const OWN_END = 1600;

let signal;
let drains = false;
let listening = false;
let stopping = false;

/** From now on `name` (such as "SIGTERM") lets this process end gracefully. */
function drainOn(name) {
  signal = name;
  drains = true;
  servers.watch(listen);
  workers.watch(listen);
}

/** From now on an app that listens for messages is told 'shutdown' at the signal `name`. */
function tellOn(name) {
  signal = name;
  messages.watchListeners(listen);
}

/** While there is nothing to do the signal keeps its default: many tools look at who listens before they decide how to end. */
function listen() {
  if (!listening) {
    listening = true;
    process.prependListener(signal, stop);
  }
}

function stop() {
  if (stopping) return;
  try {
    const theirs = othersListen();
    if (drains && (theirs || messages.areListenedFor())) servers.letEnd();
    const told = messages.tellShutdown();
    if (theirs) return;
    if (told) {
      stopping = true;
      if (drains) setTimeout(() => drain(OWN_END), OWN_CLOSE);
    } else if (!drains || isPrimary() || (servers.none() && workers.none())) {
      asWithoutUs();
    } else {
      drain(0);
    }
  } catch {
    if (!stopping && !othersListen()) asWithoutUs();
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
function drain(patience) {
  stopping = true;
  servers.drain();
  workers.drain();
  const earliest = Date.now() + patience;
  const look = () => {
    if (servers.look() && workers.none() && Date.now() >= earliest) process.exit();
  };
  // Timers come before the poll for events: a process that had no processor for a while has not seen yet what came meanwhile.
  setInterval(() => setImmediate(look), LOOK);
}

module.exports = { drainOn, tellOn };
