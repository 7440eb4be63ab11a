'use strict';
// Bulkhead's preload: what `node: {drain: auto, leak_profile: on-drain}` in bulkhead.yaml does for a Node program without a change of its
// code. Bulkhead names this file in NODE_OPTIONS; so every node below the app loads it, and it has to be a good guest: it
// prints nothing, throws nothing, keeps no process alive, and does nothing at all where it is not meant.
//
//   BULKHEAD_NODE         what is on: "drain=SIGTERM" (the app's stop signal), "profile"
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

try {
  const wanted = process.env.BULKHEAD_NODE || '';
  if (wanted !== '' && !isGuestOnly()) {
    const drain = /\bdrain=(SIG[A-Z0-9]+)\b/.exec(wanted);
    if (drain) require('./stop.cjs').on(drain[1]);
    const profile = /\bprofile\b/.test(wanted);
    if (profile) require('./profile.cjs').start();
    const folder = process.env.BULKHEAD_NODE_SOCKETS;
    if (folder) require('./answers.cjs').serve(folder);
  }
} catch {
  // The app comes first: it runs as it would without us.
}
