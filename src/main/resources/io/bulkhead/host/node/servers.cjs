'use strict';
// Servers: at the stop they accept no more, answer what they were asked with `Connection: close`, and let clients that keep a
// connection open go. net.Server.close() is used throughout: http.Server.close() cuts idle connections at once, on which the next
// request may be under way (seen: 80 failed requests in 5 replacements; so: none).

const net = require('net');

/** A keep-alive client that asks again within this time (milliseconds) is answered, and told to close. */
const GRACE = 1500;
/** Between two looks at an app's own server that it is closing itself. */
const LOOK = 100;
/** So many turns of the event loop without a new connection, and nobody waits to be accepted: libuv accepts at least one in each. */
const QUIET_TURNS = 3;
/** Under a flood of connections it is never quiet (milliseconds). */
const LONGEST_CLOSE = 300;

const listening = new Set();
/** Per server of HTTP/1: its connections, and how much each had received at the last look. */
const connections = new Map();
const sessions = new Set();
const closeAccept = net.Server.prototype.close;
let begun = 0;
let answersClose = false;

/** Calls `found` when a server begins to listen. */
function watch(found) {
  const listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function () {
    if (this[OWN] !== true) {
      try {
        add(this);
        found();
      } catch {
        // The server is the app's, and listens whatever becomes of us.
      }
    }
    return listen.apply(this, arguments);
  };
}

/** Marks a server that is not the app's. */
const OWN = Symbol('bulkhead');
/** Marks a server on a socket that Bulkhead holds: whom it has not accepted is served by others. */
const SHARED = Symbol('bulkhead.shared');

function add(server) {
  if (listening.has(server)) return;
  listening.add(server);
  server.once('close', () => listening.delete(server));
  server.on('session', remember); // HTTP/2 alone emits it
  if (typeof server.keepAliveTimeout === 'number' && !connections.has(server)) {
    const open = new Map();
    connections.set(server, open);
    // The connection that HTTP is spoken on: with TLS the one within.
    server.on(typeof server.setSecureContext === 'function' ? 'secureConnection' : 'connection', (socket) => {
      open.set(socket, 0);
      socket.once('close', () => open.delete(socket));
    });
  }
}

function remember(session) {
  sessions.add(session);
  session.once('close', () => sessions.delete(session));
}

function none() {
  return listening.size === 0;
}

/** The app has no handler: everything is closed for it. */
function drain() {
  begun = Date.now();
  answerWithClose();
  for (const server of listening) closeWhenQuiet(server, () => {});
  for (const session of sessions) session.close();
}

/**
 * The kernel resets the connections that a socket has not accepted yet when it is closed (seen: 5 requests of 1,400 with a busy processor):
 * so they are accepted first.
 */
function closeWhenQuiet(server, callback) {
  if (server[SHARED] === true) {
    closeAccept.call(server, callback);
    return;
  }
  const latest = Date.now() + LONGEST_CLOSE;
  let turns = 0;
  const accepted = () => (turns = 0);
  server.on('connection', accepted);
  const turn = () => {
    if (++turns <= QUIET_TURNS && Date.now() < latest) {
      setImmediate(turn);
    } else {
      server.removeListener('connection', accepted);
      closeAccept.call(server, callback);
    }
  };
  setImmediate(turn);
}

/** Whether the process has been asked to stop. */
function isEnding() {
  return begun !== 0;
}

/** While it drains: lets go of who is idle, and says whether nobody waits for an answer any more. */
function look() {
  const graceOver = Date.now() - begun >= GRACE;
  let busy = 0;
  for (const server of connections.keys()) busy += letIdleGo(server, graceOver);
  // Connections of other protocols: nobody can tell whether they are in use. They get the grace.
  if (!graceOver) busy += listening.size;
  return busy === 0 && sessions.size === 0;
}

/** The number of connections of `server` that are not finished. Called after a poll for events: what has arrived is known to have been received. */
function letIdleGo(server, graceOver) {
  const open = connections.get(server);
  let left = 0;
  for (const [socket, before] of open) {
    const response = socket._httpMessage;
    const received = socket.bytesRead;
    open.set(socket, received);
    if (socket.destroyed) {
      open.delete(socket);
    } else if (!graceOver) {
      left++;
    } else if (!socket.parser || (!response && received === before && socket.writableLength === 0)) {
      socket.destroySoon(); // idle, or handed over to another protocol: a WebSocket
      open.delete(socket);
    } else {
      left++;
      if (isEventStream(response)) response.end(); // it has no end of its own; browsers come back by themselves
    }
  }
  return left;
}

function isEventStream(response) {
  return (
    response &&
    response.headersSent &&
    !response.writableEnded &&
    String(response.getHeader('content-type')).startsWith('text/event-stream')
  );
}

/** From now on every answer closes its connection: also those of requests that came before. */
function answerWithClose() {
  if (answersClose) return;
  answersClose = true;
  const { ServerResponse } = require('http');
  const store = ServerResponse.prototype._storeHeader;
  if (typeof store !== 'function') return;
  ServerResponse.prototype._storeHeader = function () {
    if (this.statusCode !== 101) {
      this.shouldKeepAlive = false;
      if (!this._header && this.hasHeader('connection')) this.setHeader('Connection', 'close');
    }
    return store.apply(this, arguments);
  };
}

/**
 * The app ends by a handler of its own. Its server.close() would hang on connections that are kept alive, or cut them: answers
 * get their `Connection: close`, and idle connections go after the grace.
 */
function letEnd() {
  if (begun !== 0) return;
  begun = Date.now();
  if (connections.size === 0) return;
  answerWithClose();
  for (const { Server } of [require('http'), require('https')]) {
    Server.prototype.close = function (callback) {
      closeWhenQuiet(this, callback);
      reap(this);
      return this;
    };
    if (Server.prototype.closeIdleConnections) {
      Server.prototype.closeIdleConnections = function () {
        reap(this);
      };
    }
  }
}

const reaped = new WeakSet();

function reap(server) {
  if (reaped.has(server) || !connections.has(server)) return;
  reaped.add(server);
  const look = () => {
    if (letIdleGo(server, Date.now() - begun >= GRACE) === 0 && !server.listening) clearInterval(looking);
  };
  const looking = setInterval(() => setImmediate(look), LOOK).unref();
}

module.exports = { watch, none, drain, look, letEnd, isEnding, OWN, SHARED };
