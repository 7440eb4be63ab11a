'use strict';
// Wrappers that are Node programs themselves (npm, yarn, cross-env, a script that starts the server) have to hand Bulkhead's sockets on: Node closes what it
// has inherited in its children (uv_disable_stdio_inheritance), but for what is named in `stdio`.

const processes = require('child_process');

/** Hands `given` (see sockets.cjs) on to children that get LISTEN_FDS, until the function that it returns is called. */
function handOn(given) {
  let on = given.length > 0;
  const spawn = processes.ChildProcess.prototype.spawn;
  const spawnSync = processes.spawnSync;
  processes.ChildProcess.prototype.spawn = function (options) {
    return spawn.call(this, on ? amended(options, given) : options);
  };
  processes.spawnSync = function (file, words, options) {
    const listed = Array.isArray(words);
    const wanted = (listed ? options : words || options) || {};
    const envPairs = Object.entries(wanted.env || process.env).map((pair) => pair.join('='));
    if (!on || !adopts(envPairs)) return spawnSync.apply(this, arguments);
    const stdio = filled(wanted.stdio || 'pipe', given);
    return spawnSync.call(this, file, listed ? words : [], { ...wanted, stdio: stdio.list, env: { ...(wanted.env || process.env), ...stdio.told } });
  };
  require('module').syncBuiltinESMExports();
  return () => {
    on = false;
  };
}

function amended(options, given) {
  if (!options || !Array.isArray(options.envPairs) || !adopts(options.envPairs)) return options;
  const stdio = filled(options.stdio || 'pipe', given);
  const told = Object.entries(stdio.told).map((pair) => pair.join('='));
  return { ...options, stdio: stdio.list, envPairs: [...options.envPairs, ...told] };
}

function adopts(envPairs) {
  return envPairs.some((pair) => pair.startsWith('LISTEN_FDS='));
}

/** The sockets at 3 and on where those are free, else behind what the caller has there: then the environment says so. */
function filled(stdio, given) {
  const list = Array.isArray(stdio) ? [...stdio] : [stdio, stdio, stdio];
  while (list.length < 3) list.push('pipe');
  const last = Math.max(...given.map((socket) => socket.index));
  const at = list.slice(3, 4 + last).some((one) => one !== undefined && one !== null) ? list.length : 3;
  for (let index = 0; index <= last; index++) {
    const socket = given.find((one) => one.index === index);
    list[at + index] = socket ? socket.fd : 'ignore';
  }
  return { list, told: { BULKHEAD_LISTEN_AT: String(at) } };
}

module.exports = { handOn };
