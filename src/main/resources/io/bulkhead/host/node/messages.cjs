'use strict';
// What programs written for PM2 expect: process.send('ready') says that the app may have requests, and a 'shutdown' message comes before it is
// stopped. Where the process has no channel to a parent, there is one end of it here.

const fs = require('fs');

let ready = false;

/** Notes when the app says that it is ready: `file` appears then, where there is one. */
function watchReady(file) {
  const send = process.send;
  const note = (message) => {
    if (message !== 'ready' || ready) return;
    ready = true;
    if (file) fs.writeFileSync(file, '');
  };
  if (typeof send === 'function') {
    process.send = function (message) {
      note(message);
      return send.apply(this, arguments);
    };
    return;
  }
  process.send = (message, ...more) => {
    if (!process.connected) return false;
    note(message);
    const callback = more.find((one) => typeof one === 'function');
    if (callback) process.nextTick(callback, null);
    return true;
  };
  process.connected = true;
  process.disconnect = () => {
    process.connected = false;
    process.nextTick(() => process.emit('disconnect'));
  };
}

/** Calls `found` when the app begins to listen for messages. */
function watchListeners(found) {
  const look = (name) => {
    if (name !== 'message') return;
    process.removeListener('newListener', look);
    found();
  };
  process.on('newListener', look);
}

/** A channel to a parent is the parent's. */
function areListenedFor() {
  return !process.channel && process.listenerCount('message') > 0;
}

/** Whether anybody has been told. */
function tellShutdown() {
  if (!areListenedFor()) return false;
  process.emit('message', 'shutdown', undefined);
  return true;
}

function isReady() {
  return ready;
}

module.exports = { watchReady, watchListeners, areListenedFor, tellShutdown, isReady };
