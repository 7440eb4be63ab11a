'use strict';
// The listening sockets that Bulkhead opened for the app: descriptors 3 and on, as in systemd (LISTEN_FDS). What each is bound to is read
// from the kernel: below a wrapper LISTEN_PID names the wrapper, and a descriptor of that number may be anything.

const fs = require('fs');
const net = require('net');

const FIRST = 3;
const MOST = 4;
const LISTENING = '0A';
/** Of /proc/net/unix: __SO_ACCEPTCON. */
const ACCEPTS = 0x10000;
/** A table is read as far as needed; listening sockets come first in those of TCP. */
const CHUNK = 64 * 1024;
const LARGEST_TABLE = 16 * 1024 * 1024;

const LOOPBACK = new Set(['127.0.0.1', '::1']);
const EVERY = new Set(['', '::', '0.0.0.0']);

/** The sockets this process has been given: `{index, fd, host, port}` or `{index, fd, path}`. */
function given() {
  const count = Math.min(Number(process.env.LISTEN_FDS) || 0, MOST);
  const first = Number(process.env.BULKHEAD_LISTEN_AT) || FIRST;
  const found = [];
  for (let index = 0; index < count; index++) {
    const bound = boundTo(first + index);
    if (bound) found.push({ index, fd: first + index, ...bound });
  }
  return found;
}

function boundTo(fd) {
  let inode;
  try {
    inode = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync('/proc/self/fd/' + fd));
  } catch {
    return undefined; // closed by a wrapper
  }
  if (!inode) return undefined;
  return inTable('tcp6', inode[1], ofTcp) || inTable('tcp', inode[1], ofTcp) || inTable('unix', inode[1], ofUnix);
}

/** What `parse` makes of the line with `inode`. */
function inTable(name, inode, parse) {
  let table;
  try {
    table = fs.openSync('/proc/self/net/' + name, 'r');
  } catch {
    return undefined; // a kernel without IPv6
  }
  try {
    const buffer = Buffer.alloc(CHUNK);
    let rest = '';
    for (let read = 0; read < LARGEST_TABLE; ) {
      const length = fs.readSync(table, buffer, 0, CHUNK, null);
      if (length === 0) break;
      read += length;
      const lines = (rest + buffer.latin1Slice(0, length)).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        const found = line.includes(inode) && parse(line, inode);
        if (found) return found;
      }
    }
    return undefined;
  } finally {
    fs.closeSync(table);
  }
}

/** proc_net_tcp: `sl local remote state tx:rx timer retransmits uid timeout inode …`. */
function ofTcp(line, inode) {
  const fields = line.trim().split(/\s+/);
  if (fields[9] !== inode || fields[3] !== LISTENING) return undefined;
  const [address, port] = fields[1].split(':');
  return { host: hostOf(address), port: parseInt(port, 16) };
}

/** Words of 32 bits, each in the machine's order. */
function hostOf(hex) {
  const words = Buffer.from(hex, 'hex');
  if (require('os').endianness() === 'LE') words.swap32();
  if (words.length === 4) return words.join('.');
  const groups = [];
  for (let i = 0; i < 16; i += 2) groups.push(words.readUInt16BE(i).toString(16));
  return canonical(groups.join(':'));
}

/** `Num RefCount Protocol Flags Type St Inode Path`. */
function ofUnix(line, inode) {
  const fields = /^\S+ \S+ \S+ (\S+) \S+ \S+ +(\d+) (.+)$/.exec(line.trim());
  if (!fields || fields[2] !== inode || !(parseInt(fields[1], 16) & ACCEPTS)) return undefined;
  return { path: fields[3] };
}

function canonical(host) {
  if (!net.isIPv6(host) || host.includes('%')) return String(host).toLowerCase();
  return new URL('http://[' + host + ']').hostname.slice(1, -1);
}

/**
 * Which of `sockets` an app asks for with listen(`asked`): `{sockets}`, the one that fits best first; with `narrower: true` where it
 * asks for less than they give; undefined where it is none of ours.
 */
function match(sockets, asked) {
  if (typeof asked.path === 'string') {
    const path = require('path').resolve(asked.path);
    const same = sockets.filter((one) => one.path === path);
    return same.length > 0 ? { sockets: same } : undefined;
  }
  const port = Number(asked.port || 0);
  const host = canonical(asked.host || '');
  const same = sockets.filter((one) => one.port === port && port !== 0);
  const fit = same.filter((one) => one.host === host || covers(host, one.host));
  // Two servers for two addresses of one port: each gets its own.
  const exact = net.isIP(host) && !EVERY.has(host) ? fit.filter((one) => one.host === host) : [];
  if (exact.length > 0) return { sockets: exact };
  if (fit.length > 0) return { sockets: fit.sort((one, other) => (other.host === host) - (one.host === host)) };
  const wider = same.filter((one) => EVERY.has(one.host));
  return wider.length > 0 ? { sockets: wider, narrower: true } : undefined;
}

/** Whether a socket at `host` gives no more than an app that asks for `asked` wants. */
function covers(asked, host) {
  if (EVERY.has(asked)) return true;
  return LOOPBACK.has(host) && (asked === 'localhost' || LOOPBACK.has(asked));
}

module.exports = { given, match };
