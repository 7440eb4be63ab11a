'use strict';
// Bulkhead's preload: what `node: {heap: auto, drain: auto, leak_profile: on-drain}` in bulkhead.yaml does for a Node program without a change of its
// code. Bulkhead names this file in NODE_OPTIONS; so every node below the app loads it, and it has to be a good guest: it
// prints nothing, throws nothing, keeps no process alive, and does nothing at all where it is not meant.
//
//   BULKHEAD_NODE         what is on: "drain=SIGTERM" (the app's stop signal), "heap", "profile"
//   BULKHEAD_NODE_SOCKETS a folder of this run for the sockets at which Bulkhead asks, one for each process, named by its pid
//
// Works on Node 18 and later. CommonJS, because `--require` takes nothing else everywhere.

/** Package managers run the app as a child of theirs: they only pass the environment on. */
const PACKAGE_MANAGER = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli)?(-[\d.]+)?(\.[cm]?js)?$/;

function isGuestOnly() {
  if (!require('worker_threads').isMainThread) return true;
  const script = process.argv[1] || '';
  if (PACKAGE_MANAGER.test(script.slice(script.lastIndexOf('/') + 1))) return true;
  // A cluster's workers are stopped by their primary, over a channel of their own.
  return process.connected === true && require('cluster').isWorker;
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
    const drain = /\bdrain=(SIG[A-Z0-9]+)\b/.exec(wanted);
    if (drain) require('./stop.cjs').on(drain[1]);
    if (/\bheap\b/.test(wanted)) collectInTime();
    const profile = /\bprofile\b/.test(wanted);
    if (profile) require('./profile.cjs').start();
    const folder = process.env.BULKHEAD_NODE_SOCKETS;
    if (folder) require('./answers.cjs').serve(folder);
  }
} catch {
  // The app comes first: it runs as it would without us.
}
