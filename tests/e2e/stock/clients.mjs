// Stock Yjs clients, driven by JSON lines: one command a line on stdin, one answer or event a line on stdout.
// Nothing of yjs, y-protocols or y-websocket is changed; every client is a Y.Doc with a WebsocketProvider.
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

const clients = new Map()
const sorted = (_key, value) =>
  value && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value
const canonical = (value) => JSON.stringify(value ?? null, sorted)
const varUint = (number) => (number < 128 ? [number] : [(number & 127) | 128, ...varUint(number >>> 7)])
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

const generation = (doc) => {
  const overlays = doc.getMap('overlays')
  const newest = Math.max(...[...overlays.keys()].map(Number))
  return overlays.get(String(newest))
}

const target = (client, root) => (root === 'cells' ? generation(client.doc) : client.doc.getMap(root))

// Calls `look` now and whenever the client's document or presence changes, until it gives something.
const until = (client, look) =>
  new Promise((resolve) => {
    const check = () => {
      const found = look()
      if (found === undefined) return
      client.doc.off('update', check)
      client.provider.awareness.off('change', check)
      resolve(found)
    }
    client.doc.on('update', check)
    client.provider.awareness.on('change', check)
    check()
  })

const commands = {
  // `tabs`: clients of one list in this process are tabs of one browser; `renews: false`: nothing is said by the clock.
  async open({ name, url, list, protocols, params, tabs = false, renews = true }) {
    const doc = new Y.Doc()
    const provider = new WebsocketProvider(url, list, doc, {
      WebSocketPolyfill: WebSocket,
      disableBc: !tabs,
      maxBackoffTime: 200,
      protocols,
      params,
    })
    if (!renews) clearInterval(provider.awareness._checkInterval)
    const seen = []
    const client = { doc, provider, seen }
    clients.set(name, client)
    provider.on('connection-close', (event) => event && tell({ event: 'close', name, code: event.code, reason: event.reason }))
    provider.on('status', ({ status }) => tell({ event: 'status', name, status }))
    await new Promise((resolve) => provider.once('sync', resolve))
    generation(doc).observe((change) => {
      const changed = {}
      for (const key of change.keysChanged) changed[key] = change.target.get(key) ?? null
      seen.push(changed)
      tell({ event: 'update', name, changed, mine: change.transaction.local })
    })
    return { client: doc.clientID }
  },
  write({ name, root = 'cells', entries }) {
    const client = clients.get(name)
    client.doc.transact(() => {
      const map = target(client, root)
      for (const [key, value] of Object.entries(entries)) map.set(key, value)
    })
    return {}
  },
  remove({ name, root = 'cells', keys }) {
    const client = clients.get(name)
    client.doc.transact(() => {
      for (const key of keys) target(client, root).delete(key)
    })
    return {}
  },
  // Keeps an undo history of the client's edits of cells from now on, each edit a step of its own.
  track({ name }) {
    const client = clients.get(name)
    client.history = new Y.UndoManager(generation(client.doc), { captureTimeout: 0 })
    return {}
  },
  undo({ name }) {
    return { done: clients.get(name).history.undo() !== null }
  },
  redo({ name }) {
    return { done: clients.get(name).history.redo() !== null }
  },
  // Loses the network until `online`.
  offline({ name }) {
    clients.get(name).provider.disconnect()
    return {}
  },
  // `typing`: what its person types the moment the socket is open, before anything has come over it.
  // Its socket is broken, and does not come back until `online`; the tabs of its browser go on telling each other.
  cut({ name }) {
    const { provider } = clients.get(name)
    provider.shouldConnect = false
    provider.ws.terminate()
    return {}
  },
  // Writes keys one after another, and sends all of it as one merged update, as clients do that save frames.
  merged({ name, entries }) {
    const client = clients.get(name)
    const { doc, provider } = client
    const updates = []
    const keep = (update) => updates.push(update)
    doc.off('update', provider._updateHandler)
    doc.on('update', keep)
    for (const [key, value] of entries) target(client, 'cells').set(key, value)
    doc.off('update', keep)
    doc.on('update', provider._updateHandler)
    const merged = Y.mergeUpdates(updates)
    provider.ws.send(Uint8Array.from([0, 2, ...varUint(merged.length), ...merged]))
    return {}
  },
  async online({ name, typing = {} }) {
    const client = clients.get(name)
    const { provider } = client
    const synced = new Promise((resolve) => provider.once('sync', resolve))
    provider.on('status', function type({ status }) {
      if (status !== 'connected') return
      provider.off('status', type)
      for (const [key, value] of Object.entries(typing)) target(client, 'cells').set(key, value)
    })
    provider.connect()
    await synced
    return {}
  },
  // What one tab tells another of the same browser: everything that it has.
  share({ name, to }) {
    Y.applyUpdate(clients.get(to).doc, Y.encodeStateAsUpdate(clients.get(name).doc))
    return {}
  },
  state({ name }) {
    const { doc } = clients.get(name)
    const roots = Object.fromEntries(['meta', 'columns', 'views', 'comments'].map((root) => [root, doc.getMap(root).toJSON()]))
    const clocks = [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([left], [right]) => left - right)
    return { roots: { ...roots, cells: generation(doc).toJSON() }, clocks, pending: doc.store.pendingStructs !== null }
  },
  read({ name, root = 'cells' }) {
    return { values: target(clients.get(name), root).toJSON() }
  },
  seen({ name }) {
    return { seen: clients.get(name).seen }
  },
  async await({ name, root = 'cells', key, value }) {
    const client = clients.get(name)
    await until(client, () => (canonical(target(client, root).get(key)) === canonical(value) ? true : undefined))
    return {}
  },
  // Waits until every named root, as JSON, is what is wanted.
  async awaitRoots({ name, roots }) {
    const { doc } = clients.get(name)
    const wanted = canonical(roots)
    const shown = () => canonical(Object.fromEntries(Object.keys(roots).map((root) => [root, doc.getMap(root).toJSON()])))
    await until(clients.get(name), () => (shown() === wanted ? true : undefined))
    return {}
  },
  presence({ name, state }) {
    clients.get(name).provider.awareness.setLocalState(state)
    return {}
  },
  async awaitPresence({ name, client: id, present }) {
    const client = clients.get(name)
    const state = await until(client, () => {
      const held = client.provider.awareness.getStates().get(id)
      return (held !== undefined) === present ? { state: held ?? null } : undefined
    })
    return state
  },
  // Loses the connection without a goodbye; the provider opens another one by itself.
  drop({ name }) {
    clients.get(name).provider.ws.terminate()
    return {}
  },
  // Ends as a tab that crashes: nothing is said to anyone, on the socket or between tabs.
  crash({ name }) {
    const { provider } = clients.get(name)
    clearInterval(provider.awareness._checkInterval)
    provider.shouldConnect = false
    provider.bcconnected = false
    provider.ws.terminate()
    return {}
  },
  // Lets time pass for a client's presence, and its timer look at the clock.
  elapse({ name, milliseconds }) {
    const { awareness } = clients.get(name).provider
    for (const held of awareness.meta.values()) held.lastUpdated -= milliseconds
    awareness._checkInterval._onTimeout()
    return {}
  },
  close({ name }) {
    const { provider, doc } = clients.get(name)
    provider.destroy()
    doc.destroy()
    clients.delete(name)
    return {}
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, command, ...rest } = JSON.parse(line)
  Promise.resolve()
    .then(() => commands[command](rest))
    .then((answer) => tell({ id, ...answer }))
    .catch((error) => tell({ id, error: String(error.stack) }))
}
process.exit(0)
