'use strict';
// A sampling heap profile: V8 notes the stack of one allocation in each 32 KiB, and forgets those that were collected. Measured: +2.6 MiB. It
// is summed up here, so that a process near its limit sends a page instead of megabytes.

const SAMPLING_INTERVAL = 32 * 1024;
const MOST_FUNCTIONS = 10;
/** Call sites looked at; what lies beyond is told as `truncated`. */
const MOST_NODES = 200000;

let session;

function start() {
  const { Session } = require('inspector');
  const opened = new Session();
  opened.connect();
  opened.post('HeapProfiler.enable');
  opened.post('HeapProfiler.startSampling', { samplingInterval: SAMPLING_INTERVAL }, (failed) => {
    if (!failed) session = opened;
  });
}

/** The functions that allocated most of what is still alive: `{alive, functions: [{name, file, line, bytes}], truncated}`. */
function top() {
  if (!session) return { alive: 0, functions: [], truncated: false };
  let head;
  session.post('HeapProfiler.getSamplingProfile', (failed, found) => {
    if (!failed) head = found.profile.head;
  });
  return head ? sum(head, MOST_NODES) : { alive: 0, functions: [], truncated: false };
}

function sum(head, mostNodes) {
  const owners = new Map();
  const stack = [[head, undefined]];
  let alive = 0;
  let seen = 0;
  while (stack.length > 0 && seen < mostNodes) {
    const [node, above] = stack.pop();
    seen++;
    const owner = ownerOf(node.callFrame, above);
    alive += node.selfSize;
    if (owner && node.selfSize > 0) {
      const key = owner.url + ':' + owner.lineNumber + ':' + owner.functionName;
      const entry = owners.get(key) || { owner, bytes: 0 };
      entry.bytes += node.selfSize;
      owners.set(key, entry);
    }
    for (const child of node.children) stack.push([child, owner]);
  }
  const functions = [...owners.values()].sort((a, b) => b.bytes - a.bytes).slice(0, MOST_FUNCTIONS);
  return { alive, functions: functions.map(told), truncated: stack.length > 0 };
}

/**
 * Whom an allocation belongs to: the app's own functions before its packages, those before what V8 and Node do for them; and a function
 * with a name before the nameless ones within it.
 */
function ownerOf(frame, above) {
  const own = rank(frame);
  if (own === 0) return above;
  if (!above) return frame;
  if (own !== rank(above)) return own > rank(above) ? frame : above;
  const within = frame.functionName === '' && above.functionName !== '' && frame.url === above.url;
  return within ? above : frame;
}

/** 3: a function of the app; 2: one of its packages; 1: what a file does when it is loaded; 0: V8's and Node's. */
function rank({ url, functionName, lineNumber }) {
  if (!url || url.startsWith('node:') || url.startsWith(__dirname)) return 0;
  if (functionName === '' && lineNumber === 0) return 1;
  return url.includes('/node_modules/') ? 2 : 3;
}

function told({ owner, bytes }) {
  let file = owner.url;
  if (file.startsWith('file://')) file = require('url').fileURLToPath(file);
  const here = process.cwd() + '/';
  if (file.startsWith(here)) file = file.slice(here.length);
  return {
    name: nameOf(owner).slice(0, 100),
    file: file.slice(-300),
    line: owner.lineNumber + 1,
    bytes: Math.round(bytes),
  };
}

function nameOf({ functionName, lineNumber }) {
  return functionName || (lineNumber === 0 ? '(top level)' : '(anonymous)');
}

module.exports = { start, top, sum };
