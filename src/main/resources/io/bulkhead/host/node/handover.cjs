'use strict';
// The app's listen(3000) is served by the socket that Bulkhead holds. The server really listens on a private unix socket first, FOLDER/PID.N, on which
// Bulkhead asks for its health: all is as ever for the app, but nobody else reaches it. When it is admitted, it takes
// the shared socket as its handle, and the private one stays beside it.

const fs = require('fs');
const net = require('net');
const sockets = require('./sockets.cjs');
const { OWN, SHARED, isEnding } = require('./servers.cjs');

/** What the kernel allows at most is somaxconn. */
const BACKLOG = 4096;
const MOST_OTHERS = 16;
const EADDRNOTAVAIL = -99;
const EADDRINUSE = -98;

let listen;
let given = [];
let folder;
let admitted = true;
let claimed = () => {};
/** Of the app's servers on our sockets. */
const entries = new Set();
const others = [];
let also = 0;

/**
 * @param found what sockets.given() says
 * @param place folder of the private sockets; undefined: the app is admitted to the shared ones at once
 * @param gated whether it waits for admit()
 * @param first called when the app asks for one of them for the first time
 */
function start(found, place, gated, first) {
  given = found;
  folder = place;
  if (folder) clear();
  admitted = !gated || !place;
  claimed = first;
  listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function () {
    return this[OWN] === true ? listen.apply(this, arguments) : serve(this, arguments);
  };
}

/** What a former process with this id has left behind. */
function clear() {
  for (const name of fs.readdirSync(folder)) {
    if (name.startsWith(process.pid + '.')) fs.rmSync(folder + '/' + name, { force: true });
  }
}

function serve(server, words) {
  const [asked, callback] = net._normalizeArgs(words);
  const ours = server._handle || isHandle(asked) ? undefined : sockets.match(given, asked);
  if (!ours) {
    if (!server._handle) remember(asked);
    return listen.apply(server, words);
  }
  const [first] = ours.sockets;
  if (ours.narrower) return fail(server, narrower(asked, first));
  if (typeof callback === 'function') server.once('listening', callback);
  claimed();
  const former = [...entries].find((entry) => entry.sockets.includes(first));
  if (former && former.host === asked.host) return fail(server, taken(first));
  if (!former && first.gone && !first.parked) return fail(server, closedBefore(first));
  const entry = { server, sockets: former ? [] : ours.sockets, host: asked.host, accepting: false };
  if (former) return stand(entry, asked, '.also' + ++also, first);
  return folder && !isClusterPrimary() ? stand(entry, asked, '.' + first.index, first) : take(entry, asked);
}

function isHandle(asked) {
  return asked._handle || asked.handle || typeof asked.fd === 'number' || asked instanceof net.Server;
}

function remember({ host, port, path }) {
  if (others.length < MOST_OTHERS) others.push(path ? { path: String(path) } : { host: host || '', port: Number(port) || 0 });
}

/**
 * Listens in private. A server without sockets is a second one for another name of the same address, as fastify has for
 * "localhost": nobody comes to it.
 */
function stand(entry, { signal }, ending, named) {
  const { server } = entry;
  const name = folder + '/' + process.pid;
  listen.call(server, { path: name + ending, signal });
  if (!server._handle) return server; // it failed: the app hears of it as ever
  entry.own = server._handle;
  beginEntry(entry, entry.own);
  server.address = () => address(server, named);
  const privates = [entry.own];
  for (const socket of entry.sockets.slice(1)) privates.push(beside(server, { path: name + '.' + socket.index }));
  entry.privates = privates;
  privates.forEach(giveAddress);
  onClose(entry.own, () => {
    delete server.address;
    privates.slice(1).forEach((handle) => handle.close());
  });
  admitted = admitted || fs.existsSync(mark());
  if (admitted) admitOne(entry);
  return server;
}

/** Listens on the shared socket and on nothing else. The workers of a cluster are served through it, too. */
function take(entry, { signal }) {
  const { server } = entry;
  const [first, ...more] = entry.sockets;
  first.gone = true;
  if (first.parked) {
    unpark(first, server);
  } else {
    listen.call(server, { fd: first.fd, backlog: BACKLOG, signal });
    if (!server._handle) return server;
    if (isClusterPrimary()) parkAtClose(first, server._handle);
  }
  entry.accepting = true;
  entry.sockets = [first];
  given = given.filter((socket) => !more.includes(socket));
  beginEntry(entry, server._handle);
  return server;
}

/** A primary closes its socket when its last worker has died, and opens it for the next one. Who comes in between waits. */
function parkAtClose(socket, handle) {
  const close = handle.close;
  handle.close = function () {
    if (isEnding()) return close.apply(this, arguments);
    const waiting = [];
    socket.parked = { handle, waiting };
    handle.onconnection = (failed, client) => failed || waiting.push(client);
    handle.unref();
  };
}

function unpark(socket, server) {
  const { handle, waiting } = socket.parked;
  socket.parked = undefined;
  handle.ref();
  listen.call(server, handle);
  // The primary takes the handle when it hears that it listens.
  setImmediate(() => waiting.forEach((client) => handle.onconnection(0, client)));
}

function isClusterPrimary() {
  const cluster = require('cluster');
  return cluster.isPrimary && Object.keys(cluster.workers || {}).length > 0;
}

function beginEntry(entry, handle) {
  entries.add(entry);
  entry.server[SHARED] = true;
  onClose(handle, () => entries.delete(entry));
}

/** From now on all servers of the run accept on the shared sockets: also those that come later, and those of processes that do. */
function admit() {
  if (folder && !admitted) {
    fs.writeFileSync(mark(), '');
    delete process.env.BULKHEAD_ADMIT;
  }
  admitted = true;
  for (const entry of entries) admitOne(entry);
}

/** There once a process of this run has been told to accept. */
function mark() {
  return folder + '/' + process.env.BULKHEAD_RUN + '.admitted';
}

function admitOne(entry) {
  const { server, own } = entry;
  if (entry.accepting || entry.sockets.length === 0 || server._handle !== own) return;
  entry.accepting = true;
  const handles = [];
  for (const socket of entry.sockets) {
    socket.gone = true;
    handles.push(beside(server, { fd: socket.fd, backlog: BACKLOG }));
  }
  const [shared] = handles;
  if (shared.owned !== true) {
    onClose(own, () => handles.forEach((handle) => handle.close()));
    return;
  }
  server._handle = shared;
  if (server._unref) handles.forEach((handle) => handle.unref());
  entry.privates.forEach((handle) => handle.unref());
  delete server.address;
  if (entry.sockets[0].path) server._pipeName = entry.sockets[0].path;
  onClose(shared, () => [own, ...handles.slice(1)].forEach((handle) => handle.close()));
}

/** A handle that listens as `wanted` says, and whose connections are those of `server`. */
function beside(server, wanted) {
  const donor = net.createServer({ allowHalfOpen: server.allowHalfOpen, pauseOnConnect: server.pauseOnConnect });
  donor[OWN] = true;
  listen.call(donor, wanted);
  const handle = donor._handle;
  const owner = Object.getOwnPropertySymbols(handle).find((symbol) => handle[symbol] === donor);
  if (owner === undefined || typeof handle.onconnection !== 'function') {
    // A Node that we do not know: the connections go through the donor.
    donor.on('connection', (connection) => server.emit('connection', connection));
    return donor;
  }
  handle[owner] = server;
  handle.owned = true;
  donor._handle = null;
  return handle;
}

/** Who asks in private comes from this machine, and apps that look at `remoteAddress` rely on it that there is one. */
function giveAddress(handle) {
  const accept = handle.onconnection;
  if (typeof accept !== 'function') return;
  const local = (found) => Object.assign(found, { address: '127.0.0.1', family: 'IPv4', port: 0 }) && 0;
  handle.onconnection = function (failed, client) {
    if (client) client.getpeername = client.getsockname = local;
    return accept.apply(this, arguments);
  };
}

function address(server, { host, port, path }) {
  if (!server._handle) return null;
  return path || { address: host, family: net.isIPv6(host) ? 'IPv6' : 'IPv4', port };
}

/** net.Server.close() closes its handle: there is no other sign that is seen at once. */
function onClose(handle, then) {
  const close = handle.close;
  handle.close = function () {
    then();
    return close.apply(this, arguments);
  };
}

function narrower(asked, socket) {
  const wanted = asked.host.includes(':') ? '[' + asked.host + ']' : asked.host;
  return problem(
    'EADDRNOTAVAIL',
    EADDRNOTAVAIL,
    asked,
    `the app asks for ${wanted}:${socket.port} alone, but Bulkhead holds port ${socket.port} on every address. ` +
      `Write  listen: "${wanted === 'localhost' ? '127.0.0.1' : wanted}:${socket.port}"  for it in bulkhead.yaml, ` +
      'or let the app listen on 0.0.0.0',
  );
}

function taken(socket) {
  return problem('EADDRINUSE', EADDRINUSE, socket, 'address already in use ' + (socket.path || socket.host + ':' + socket.port));
}

function closedBefore(socket) {
  return problem(
    'EADDRINUSE',
    EADDRINUSE,
    socket,
    `the app has closed ${socket.path || 'port ' + socket.port} before, and Bulkhead hands it to a process only once. ` +
      'Where the app closes and listens again by itself, write  handover: false  for that address in bulkhead.yaml',
  );
}

function problem(code, errno, { host, port, path }, words) {
  const error = new Error('listen ' + code + ': ' + words);
  Error.captureStackTrace(error, net.Server.prototype.listen); // the app's own line comes first
  return Object.assign(error, { code, errno, syscall: 'listen', address: path || host || '', port: Number(port) || 0 });
}

/** As net does: never within the call. */
function fail(server, error) {
  process.nextTick(() => server.emit('error', error));
  return server;
}

function state() {
  const all = [...entries];
  return {
    listening: all.flatMap((entry) => entry.sockets.map((socket) => socket.index)).sort(),
    accepting: all.some((entry) => entry.accepting),
    admitted,
    other: others,
  };
}

module.exports = { start, admit, state };
