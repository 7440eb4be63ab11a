'use strict';
// Holds 80 MiB, leaks 5 MiB a second more, and does nothing else.
const kept = [];

function leakyHandler() {
  kept.push(Array.from({ length: 600 }, (_, n) => ({ n, text: 'job-' + n, list: [n, n + 1, n + 2] })));
}

for (let i = 0; i < 900; i++) leakyHandler();
setInterval(() => {
  for (let i = 0; i < 3; i++) leakyHandler();
}, 50);
