/** Measures the JavaScript that a browser loads before the grid shows, gzip; fails above the target. */

import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BYTES_MAX = 350 * 1024;
const folder = new URL('../dist/assets/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
const sizes = files.map((name) => [name, gzipSync(readFileSync(new URL(name, folder))).length]);
// A person who is signed in never loads the sign-in page; everything else comes before the grid.
const before = sizes.filter(([name]) => !name.startsWith('sign-in'));
const total = before.reduce((sum, [, bytes]) => sum + bytes, 0);
for (const [name, bytes] of sizes) console.log(`${(bytes / 1024).toFixed(1).padStart(7)} KB  ${name}`);
console.log(`${(total / 1024).toFixed(1).padStart(7)} KB  before the grid shows (at most ${BYTES_MAX / 1024} KB)`);
if (total > BYTES_MAX) process.exitCode = 1;
