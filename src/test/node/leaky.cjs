'use strict';
// Leaks 12 MiB a second and does nothing else.
const kept = [];

function leakyHandler() {
  kept.push(Array.from({ length: 600 }, (_, n) => ({ n, text: 'job-' + n, list: [n, n + 1, n + 2] })));
}

setInterval(() => {
  for (let i = 0; i < 6; i++) leakyHandler();
}, 50);
