// Stock yjs clients of one list, driven line by line: each line is a JSON command, each answer a line of JSON.
// Usage: node gated.mjs <folder whose node_modules holds yjs>
//
// The teammate only ever sees what the server emits. Authors edit, see it late, and send what the server lacks.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import path from 'node:path';

const Y = createRequire(path.join(process.argv[2], 'package.json'))('yjs');
const ROOTS = ['meta', 'columns', 'views', 'comments', 'segments'];
const authors = new Map();
let teammate = null;

const bytes = (text) => Uint8Array.from(Buffer.from(text, 'base64'));
const text = (array) => Buffer.from(array).toString('base64');
const plain = (value) => (value instanceof Uint8Array ? text(value) : value);

function replica(client, state) {
  const doc = new Y.Doc();
  if (client !== null) doc.clientID = client;
  Y.applyUpdate(doc, state);
  return doc;
}

function shown(doc) {
  const values = {};
  for (const root of ROOTS) {
    for (const [key, value] of doc.getMap(root).entries()) values[`${root}/${key}`] = plain(value);
  }
  for (const [generation, held] of doc.getMap('overlays').entries()) {
    values[`overlays/${generation}`] = true;
    for (const [key, value] of held.entries()) values[`overlays/${generation}/${key}`] = value;
  }
  return values;
}

function sorted(value) {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

// What a replica differs in from the teammate, in words; null where they agree and nothing is pending.
function difference(doc) {
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) return 'it waits for something that never comes';
  const [here, there] = [shown(doc), shown(teammate)];
  for (const key of new Set([...Object.keys(here), ...Object.keys(there)])) {
    const [one, other] = [JSON.stringify(sorted(here[key])), JSON.stringify(sorted(there[key]))];
    if (one !== other) return `${key} is ${one}, the teammate sees ${other}`;
  }
  const [mine, known] = [doc, teammate].map((one) => Y.decodeStateVector(Y.encodeStateVector(one)));
  for (const [client, clock] of known) if (mine.get(client) !== clock) return `client ${client} is at ${mine.get(client)}`;
  return mine.size === known.size ? null : 'it knows other clients';
}

// One transaction: each entry is [path, value, whether the key is rather deleted if it is there].
function edit(doc, entries) {
  doc.transact(() => {
    for (const [name, value, remove] of entries) {
      const [root, first, second] = name.split('/');
      const held = root === 'overlays' ? doc.getMap(root).get(first) : doc.getMap(root);
      const key = root === 'overlays' ? second : first;
      if (held === undefined) continue;
      if (remove && held.has(key)) held.delete(key);
      else held.set(key, value);
    }
  });
}

const commands = {
  begin(state) {
    teammate = replica(null, bytes(state));
    authors.clear();
    return null;
  },
  author(client, state) {
    authors.set(client, replica(client, bytes(state)));
    return null;
  },
  see(client, updates) {
    for (const update of updates) Y.applyUpdate(authors.get(client), bytes(update));
    return null;
  },
  // Edit a few times; the update of a single edit, or what a server with the given state vector lacks.
  upload(client, edits, vector) {
    const doc = authors.get(client);
    const made = [];
    const note = (update) => made.push(update);
    doc.on('update', note);
    for (const entries of edits) edit(doc, entries);
    doc.off('update', note);
    if (vector === null && made.length === 1) return text(made[0]);
    return text(Y.encodeStateAsUpdate(doc, vector === null ? undefined : bytes(vector)));
  },
  // The teammate sees what was emitted, and so does a client that had made the update, on top of what the teammate had.
  settle(made, emitted) {
    const author = made === null ? null : replica(null, Y.encodeStateAsUpdate(teammate));
    Y.applyUpdate(teammate, bytes(emitted));
    if (author !== null) {
      Y.applyUpdate(author, bytes(made));
      Y.applyUpdate(author, bytes(emitted));
    }
    return author === null ? null : difference(author);
  },
  agree: () => [...authors.values()].map(difference),
  shown: () => shown(teammate),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...rest] = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(commands[command](...rest))}\n`);
}
