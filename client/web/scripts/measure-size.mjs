/** Measures the JavaScript that a browser loads before the grid shows, gzip; fails above the target. */

import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BYTES_MAX = 350 * 1024;
const STATIC_IMPORT = /(?:from|import)\s*["']\.\/([^"']+\.js)["']/g;
const folder = new URL('../dist/assets/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
const texts = new Map(files.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));

/** Adds a chunk and what it needs; what it loads later, on demand, is no part of it. */
function add(name, chunks) {
  if (chunks.has(name)) return;
  chunks.add(name);
  for (const [, needed] of texts.get(name).matchAll(STATIC_IMPORT)) add(needed, chunks);
}

const before = new Set();
for (const entry of ['index-', 'workspace-']) add(files.find((name) => name.startsWith(entry)), before);
let total = 0;
for (const [name, text] of texts) {
  const bytes = gzipSync(text).length;
  if (before.has(name)) total += bytes;
  console.log(`${(bytes / 1024).toFixed(1).padStart(7)} KB  ${name}${before.has(name) ? '' : ' (on demand)'}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(7)} KB  before the grid shows (at most ${BYTES_MAX / 1024} KB)`);
if (total > BYTES_MAX) process.exitCode = 1;
