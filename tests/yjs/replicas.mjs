// Replicas of stock yjs, driven line by line: each line is a JSON command, each answer a line of JSON.
// Usage: node replicas.mjs <folder whose node_modules holds yjs>

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import path from 'node:path';

const Y = createRequire(path.join(process.argv[2], 'package.json'))('yjs');
const ROOTS = ['meta', 'columns', 'views', 'comments'];
const replicas = new Map();

const bytes = (text) => Uint8Array.from(Buffer.from(text, 'base64'));
const text = (array) => Buffer.from(array).toString('base64');

function generation(doc) {
  return doc.getMap('overlays').get('1');
}

function place(doc, name) {
  const slash = name.indexOf('/');
  return slash < 0 ? [generation(doc), name] : [doc.getMap(name.slice(0, slash)), name.slice(slash + 1)];
}

// Everything that `change` makes the replica emit, as one update.
function emitted(replica, change) {
  const updates = [];
  const note = (update, origin) => {
    if (origin !== 'server') updates.push(update);
  };
  replica.doc.on('update', note);
  change();
  replica.doc.off('update', note);
  return updates.length === 0 ? null : text(Y.mergeUpdates(updates));
}

function undoManager(replica) {
  const options = { trackedOrigins: new Set(['me']), captureTimeout: replica.capture };
  replica.undo ??= new Y.UndoManager([generation(replica.doc)], options);
  return replica.undo;
}

const commands = {
  make(client, capture) {
    const doc = new Y.Doc();
    doc.clientID = client;
    replicas.set(client, { doc, capture });
    return null;
  },
  apply({ doc }, update) {
    Y.applyUpdate(doc, bytes(update), 'server');
    return null;
  },
  set(replica, values, removed) {
    undoManager(replica);
    const change = () => {
      for (const [name, value] of Object.entries(values)) {
        const [map, key] = place(replica.doc, name);
        map.set(key, value);
      }
      for (const name of removed) {
        const [map, key] = place(replica.doc, name);
        map.delete(key);
      }
    };
    return emitted(replica, () => replica.doc.transact(change, 'me'));
  },
  undo: (replica) => emitted(replica, () => undoManager(replica).undo()),
  redo: (replica) => emitted(replica, () => undoManager(replica).redo()),
  vector: ({ doc }) => text(Y.encodeStateVector(doc)),
  difference: ({ doc }, vector) => text(Y.encodeStateAsUpdate(doc, vector ? bytes(vector) : undefined)),
  values({ doc }) {
    const shown = {};
    for (const root of ROOTS) {
      for (const [key, value] of doc.getMap(root).entries()) shown[`${root}/${key}`] = value;
    }
    for (const [name, held] of doc.getMap('overlays').entries()) {
      for (const [key, value] of held.entries()) shown[`${name}/${key}`] = value;
    }
    return { shown, pending: doc.store.pendingStructs !== null || doc.store.pendingDs !== null };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, client, ...rest] = JSON.parse(line);
  const answer = commands[command](command === 'make' ? client : replicas.get(client), ...rest);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
