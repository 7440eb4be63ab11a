'use strict';
// The app's listen(3000) is served by the socket that Bulkhead holds. The server really listens on a private unix socket first, FOLDER/PID.N, on which
// Bulkhead asks for its health: all is as ever for the app, but nobody else reaches it. When it is admitted, it takes
// the shared socket as its handle, and the private one stays beside it.

const fs = require('fs');
const net = require('net');
const sockets = require('./sockets.cjs');
const { OWN, SHARED } = require('./servers.cjs');

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
let names = 0;

/**
 * @param found what sockets.given() says
 * @param place folder of the private sockets; undefined: the app is admitted to the shared ones at once
 * @param gated whether it waits for admit()
 * @param first called when the app asks for one of them for the first time
 */
function start(found, place, gated, first) {
  given = found;
  folder = place;
  admitted = !gated || !place;
  claimed = first;
  listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function () {
    return this[OWN] === true ? listen.apply(this, arguments) : serve(this, arguments);
  };
}

function serve(server, words) {
  const [asked, callback] = net._normalizeArgs(words);
  const ours = server._handle || isHandle(asked) ? undefined : sockets.match(given, asked);
  if (!ours) {
    if (!server._handle) remember(asked);
    return listen.apply(server, words);
  }
  if (ours.narrower) return fail(server, narrower(asked, ours.socket));
  if (typeof callback === 'function') server.once('listening', callback);
  claimed();
  if (ours.socket.gone) return fail(server, closedBefore(ours.socket));
  if (isClusterPrimary()) return take(server, ours.socket, asked);
  return folder ? stand(server, ours.socket, asked) : take(server, ours.socket, asked);
}

function isHandle(asked) {
  return asked._handle || asked.handle || typeof asked.fd === 'number' || asked instanceof net.Server;
}

function remember({ host, port, path }) {
  if (others.length < MOST_OTHERS) others.push(path ? { path: String(path) } : { host: host || '', port: Number(port) || 0 });
}

/** Listens in private. */
function stand(server, socket, { signal }) {
  const entry = { server, socket, handle: undefined };
  const name = folder + '/' + process.pid + '.' + (holder(socket) ? socket.index + '.' + ++names : socket.index);
  fs.rmSync(name, { force: true });
  listen.call(server, { path: name, signal });
  if (!server._handle) return server; // it failed: the app hears of it as ever
  entry.handle = server._handle;
  giveAddress(entry.handle);
  entries.add(entry);
  server[SHARED] = true;
  onClose(entry.handle, () => {
    entries.delete(entry);
    delete server.address;
  });
  server.address = () => address(server, socket);
  admitted = admitted || fs.existsSync(mark());
  if (admitted) admitOne(entry);
  return server;
}

/** Who asks in private comes from this machine, and apps that look at `remoteAddress` rely on it that there is one. */
function giveAddress(handle) {
  const accept = handle.onconnection;
  const local = (found) => Object.assign(found, { address: '127.0.0.1', family: 'IPv4', port: 0 }) && 0;
  handle.onconnection = function (failed, client) {
    if (client) client.getpeername = client.getsockname = local;
    return accept.apply(this, arguments);
  };
}

/** There once a process of this run has been told to accept. */
function mark() {
  return folder + '/' + process.env.BULKHEAD_RUN + '.admitted';
}

/** Whether another server of this process has it: as fastify's second one for "localhost". */
function holder(socket) {
  return [...entries].find((entry) => entry.socket === socket);
}

function address(server, { host, port, path }) {
  if (!server._handle) return null;
  return path || { address: host, family: net.isIPv6(host) ? 'IPv6' : 'IPv4', port };
}

/** Listens on the shared socket and on nothing else. The workers of a cluster are served through it, too. */
function take(server, socket, { signal }) {
  socket.gone = true;
  server[SHARED] = true;
  listen.call(server, { fd: socket.fd, backlog: BACKLOG, signal });
  if (server._handle) {
    const entry = { server, socket, handle: server._handle, accepting: true };
    entries.add(entry);
    onClose(entry.handle, () => entries.delete(entry));
  }
  return server;
}

function isClusterPrimary() {
  const cluster = require('cluster');
  return cluster.isPrimary && Object.keys(cluster.workers || {}).length > 0;
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

function admitOne(entry) {
  const { server, socket, handle: own } = entry;
  if (socket.gone || server._handle !== own) return;
  socket.gone = true;
  const donor = net.createServer({ allowHalfOpen: server.allowHalfOpen, pauseOnConnect: server.pauseOnConnect });
  donor[OWN] = true;
  listen.call(donor, { fd: socket.fd, backlog: BACKLOG });
  const shared = donor._handle;
  const owner = Object.getOwnPropertySymbols(shared).find((symbol) => shared[symbol] === donor);
  entry.accepting = true;
  if (owner === undefined || own[owner] !== server || typeof shared.onconnection !== 'function') {
    donor.on('error', () => {});
    donor.on('connection', (connection) => server.emit('connection', connection));
    onClose(own, () => donor.close());
    return;
  }
  shared[owner] = server;
  donor._handle = null;
  server._handle = shared;
  if (server._unref) shared.unref();
  own.unref();
  delete server.address;
  if (socket.path) server._pipeName = socket.path;
  onClose(shared, () => own.close());
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
    listening: [...new Set(all.map((entry) => entry.socket.index))].sort(),
    accepting: all.some((entry) => entry.accepting === true),
    admitted,
    other: others,
  };
}

module.exports = { start, admit, state };
