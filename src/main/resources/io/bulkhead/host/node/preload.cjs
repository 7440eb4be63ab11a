'use strict';
// Bulkhead's preload: what `node: {heap: auto, drain: auto, leak_profile: on-drain}` in bulkhead.yaml does for a Node program without a change of its
// code. Bulkhead names this file in NODE_OPTIONS; so every node below the app loads it, and it has to be a good guest: it
// prints nothing, throws nothing, keeps no process alive, and does nothing at all where it is not meant.
//
//   BULKHEAD_NODE         what is on: "drain=SIGTERM" and "messages=SIGTERM" (the app's stop signal), "handover", "heap", "profile"
//   BULKHEAD_NODE_SOCKETS a folder of this instance for the sockets at which Bulkhead asks: PID, of each process, and PID.0, PID.1 … of its servers
//   BULKHEAD_ADMIT        "asked": the servers have no requests of others until Bulkhead says so
//   LISTEN_FDS            how many sockets it was given, from descriptor 3 on (BULKHEAD_LISTEN_AT: from this one on)
//
// Works on Node 18 and later. CommonJS, because `--require` takes nothing else everywhere.

/** Package managers run the app as a child of theirs: they only hand on what it is to have. */
const PACKAGE_MANAGER = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli)?(-[\d.]+)?(\.[cm]?js)?$/;

function isPackageManager() {
  const script = process.argv[1] || '';
  return PACKAGE_MANAGER.test(script.slice(script.lastIndexOf('/') + 1));
}

/** A cluster's workers are stopped by their primary, over a channel of their own, and listen through it. */
function isGuestOnly() {
  return !require('worker_threads').isMainThread || (process.connected === true && require('cluster').isWorker);
}

/** The sockets that Bulkhead opened: whoever listens first has them, and until then they are handed on. */
function takeSockets(folder, listens) {
  const given = process.env.LISTEN_FDS ? require('./sockets.cjs').given() : [];
  if (given.length === 0) return;
  const keep = require('./children.cjs').handOn(given);
  if (!listens) return;
  require('./handover.cjs').start(given, folder, process.env.BULKHEAD_ADMIT === 'asked', () => {
    keep();
    for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'BULKHEAD_LISTEN_AT']) delete process.env[name];
  });
}

/**
 * From version 22 on V8 lets garbage stand almost up to its limit before it collects: with half of the memory alive Node 24 was above the drain
 * mark in 38 % of all looks. A collection after each growth by a fifth keeps it below (77 % at most); older versions do so by themselves.
 */
function collectInTime() {
  if (Number(process.versions.node.split('.')[0]) >= 22) {
    require('v8').setFlagsFromString('--heap-growing-percent=20');
  }
}

try {
  const wanted = process.env.BULKHEAD_NODE || '';
  if (wanted !== '' && !isGuestOnly()) {
    const folder = process.env.BULKHEAD_NODE_SOCKETS;
    const manages = isPackageManager();
    if (/\bhandover\b/.test(wanted)) takeSockets(folder, !manages);
    if (!manages) {
      const drain = /\bdrain=(SIG[A-Z0-9]+)\b/.exec(wanted);
      if (drain) require('./stop.cjs').drainOn(drain[1]);
      const messages = /\bmessages=(SIG[A-Z0-9]+)\b/.exec(wanted);
      if (messages) {
        require('./messages.cjs').watchReady(folder && folder + '/' + process.pid + '.ready');
        require('./stop.cjs').tellOn(messages[1]);
      }
      if (/\bheap\b/.test(wanted)) collectInTime();
      if (/\bprofile\b/.test(wanted)) require('./profile.cjs').start();
      if (folder) require('./answers.cjs').serve(folder);
    }
  }
} catch {
  // The app comes first: it runs as it would without us.
}
