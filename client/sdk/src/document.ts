/**
 * A list document, format 1: typed reads of what a list holds, and the one way to write into it.
 *
 * A value is the newest generation's, else the segment's, else empty (`null`). Set-valued columns are merged
 * element by element. A row is shown when a generation or a segment holds it and its newest trash mark is
 * empty. Writes go into the newest generation only; a key is never deleted.
 */

import * as Y from 'yjs';

import { BaseRows } from './base-rows.ts';
import type { Change } from './changes.ts';
import { type Json, isObject } from './json.ts';
import { cellKey, elementKey, parseKey, rowKey, trashKey } from './keys.ts';
import type { Trace } from './outbox.ts';
import { type Generations, Overlay } from './overlay.ts';
import { RowOrder } from './row-order.ts';
import { type Column, type ListSchema, isSetValued, readSchema } from './schema.ts';
import { type Segment, SegmentMalformed, decodeSegment } from './segments.ts';

/** What changed since the last notification. `cells` names (row, column) pairs; `all` = everything may have. */
export interface DocumentChange {
  readonly schema: boolean;
  readonly order: boolean;
  readonly all: boolean;
  readonly cells: readonly (readonly [row: string, column: string])[];
}

type Listener = (change: DocumentChange) => void;

/** The roots whose keys are refused by name. */
const ROOTS_BY_KEY: ReadonlySet<string> = new Set(['meta', 'columns', 'views', 'comments']);

/** The transaction origin of everything that this person writes. */
export const LOCAL = Symbol('rowhouse.local');

/** Where a write went: its structs as clocks of this client, and the update that carries them. */
export type Written = Omit<Trace, 'epoch'>;

export class ListDocument {
  readonly doc: Y.Doc;
  readonly #meta: Y.Map<Json>;
  readonly #columns: Y.Map<Json>;
  readonly #segments: Y.Map<Uint8Array>;
  readonly #overlay: Overlay;
  readonly #base = new BaseRows();
  readonly #order = new RowOrder();
  readonly #listeners = new Set<Listener>();
  #schema: ListSchema;
  readonly #unreadable = new Set<string>();
  #loading: Promise<void> = Promise.resolve();

  /** Reads `doc`, which stays the caller's; `decode` inflates one segment. */
  constructor(doc: Y.Doc = new Y.Doc(), decode: (bytes: Uint8Array) => Promise<Segment> = decodeSegment) {
    this.doc = doc;
    this.#meta = doc.getMap('meta');
    this.#columns = doc.getMap('columns');
    this.#segments = doc.getMap('segments');
    const generations: Generations = doc.getMap('overlays');
    this.#overlay = new Overlay(generations);
    this.#schema = readSchema(this.#meta, this.#columns);
    for (const root of [this.#meta, this.#columns]) root.observe(() => this.#readSchema());
    this.#segments.observe(() => this.#inflate(decode));
    generations.observeDeep((events) => this.#overlayChanged(generations, events));
    this.#placeRows(this.#overlay.rows);
    if (this.#segments.size > 0) this.#inflate(decode);
  }

  get schema(): ListSchema {
    return this.#schema;
  }

  /** The rows shown, in order. */
  get rows(): RowOrder {
    return this.#order;
  }

  /** Whether the first sync has brought a document that can be written into. */
  get isWritable(): boolean {
    return this.#overlay.newest !== null;
  }

  /** Tells whether a generation is there, by its number. */
  hasGeneration(generation: number): boolean {
    return this.#overlay.numbers.includes(generation);
  }

  /** The generation that clients write into; 0 before the first sync. */
  get generation(): number {
    return this.#overlay.numbers[0] ?? 0;
  }

  /** Resolves when every segment known by now has been inflated. */
  get inflated(): Promise<void> {
    return this.#loading;
  }

  /** How many segments could not be read: their rows are missing, and a person must be told. */
  get unreadableSegments(): number {
    return this.#unreadable.size;
  }

  /** Calls `listener` after every change, local or remote. Returns the way to stop. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells whether a row exists, in the trash or not. */
  has(row: string): boolean {
    return this.#base.has(row) || this.#overlay.get(rowKey(row)) !== undefined;
  }

  isTrashed(row: string): boolean {
    return isObject(this.#overlay.get(trashKey(row)));
  }

  /** Returns a cell's merged value: `null` when empty, an array of ids for a set-valued column. */
  value(row: string, column: Pick<Column, 'id' | 'type'>): Json {
    if (!isSetValued(column.type)) {
      const live = this.#overlay.get(cellKey(row, column.id));
      return live === undefined ? (this.#base.value(row, column.id) ?? null) : live;
    }
    return this.elements(row, column.id);
  }

  /** Returns the elements of a set-valued cell: the segment's in their order, then those added, by id. */
  elements(row: string, column: string): string[] {
    const stored = this.#base.value(row, column);
    const base = Array.isArray(stored) ? stored.filter((element): element is string => typeof element === 'string') : [];
    const touched = this.#overlay.elements(row, column);
    if (touched.size === 0) return base;
    const kept = base.filter((element) => this.#overlay.get(elementKey(row, column, element)) !== false);
    const added = [...touched].filter(
      (element) => !base.includes(element) && this.#overlay.get(elementKey(row, column, element)) === true,
    );
    return [...kept, ...added.toSorted((left, right) => (left < right ? -1 : 1))];
  }

  /** Returns the merged value behind a generation's key, as a change would replace it. */
  at(key: string): Json {
    const place = parseKey(key);
    if (place === null) return null;
    if (place.kind === 'element') return this.elements(place.row, place.column).includes(place.element);
    const live = this.#overlay.get(key);
    if (live !== undefined) return live;
    if (place.kind === 'cell') return this.#base.value(place.row, place.column) ?? null;
    return place.kind === 'row' ? (this.#base.position(place.row) ?? null) : null;
  }

  /** Returns what stands at a place of another root (`<root>/<key>`), as refusals name it; `undefined` for nothing. */
  find(path: string): Json | undefined {
    const [root = '', key = ''] = path.split('/');
    return ROOTS_BY_KEY.has(root) ? this.doc.getMap<Json>(root).get(key) : undefined;
  }

  /**
   * Writes changes in one transaction into the newest generation.
   *
   * Throws `DocumentNotReady` before the first sync.
   */
  write(changes: readonly Change[]): Written {
    const generation = this.#overlay.newest;
    if (generation === null) throw new DocumentNotReady('the list has not been loaded yet');
    const { doc } = this;
    const [client, from] = [doc.clientID, Y.getState(doc.store, doc.clientID)];
    let update = new Uint8Array();
    const take = (bytes: Uint8Array, origin: unknown): void => void (origin === LOCAL && (update = new Uint8Array(bytes)));
    doc.on('update', take);
    doc.transact(() => {
      for (const { key, value } of changes) generation.set(key, value);
    }, LOCAL);
    doc.off('update', take);
    return { generation: this.generation, client, from, to: Y.getState(doc.store, client), update };
  }

  /** Applies the structs of an earlier page's write; tells whether they stand in the document now. */
  rejoin({ client, from, to, update }: Written): boolean {
    const { store } = this.doc;
    const known = Y.getState(store, client);
    if (known < from || known >= to) return false;
    Y.applyUpdate(this.doc, update, LOCAL);
    if (store.pendingStructs === null) return true;
    // They refer to what this document does not have: they are written again as facts.
    store.pendingStructs = null;
    return false;
  }

  destroy(): void {
    this.#listeners.clear();
    this.doc.destroy();
  }

  #readSchema(): void {
    this.#schema = readSchema(this.#meta, this.#columns);
    this.#notify({ schema: true, all: true });
  }

  #overlayChanged(generations: Generations, events: Y.YEvent<Y.AbstractType<unknown>>[]): void {
    if (events.some((event) => (event.target as unknown) === generations)) {
      this.#overlay.reindex();
      this.#notify({ order: this.#placeRows([...this.#overlay.rows, ...this.#base.rows()]), all: true });
      return;
    }
    const keys = events.flatMap((event) => [...(event as Y.YMapEvent<Json>).keysChanged]);
    const rows = new Set<string>();
    const cells: [string, string][] = [];
    for (const key of keys) {
      this.#overlay.note(key);
      const place = parseKey(key);
      if (place?.kind === 'cell' || place?.kind === 'element') cells.push([place.row, place.column]);
      else if (place) rows.add(place.row);
    }
    this.#notify({ order: this.#placeRows(rows), cells });
  }

  #placeRows(rows: Iterable<string>): boolean {
    const changes = new Map<string, string | null>();
    for (const row of rows) {
      changes.set(row, this.#positionOf(row));
    }
    return this.#order.place(changes);
  }

  /** Where a row is shown; `null` = nowhere. Most rows of a long list have no live edit to look for. */
  #positionOf(row: string): string | null {
    const stored = this.#base.position(row) ?? null;
    if (!this.#overlay.rows.has(row)) return stored;
    const position = this.#overlay.get(rowKey(row)) ?? stored;
    return typeof position === 'string' && !this.isTrashed(row) ? position : null;
  }

  #inflate(decode: (bytes: Uint8Array) => Promise<Segment>): void {
    this.#loading = this.#loading.then(async () => {
      const held = this.#base.segments;
      const wanted = [...this.#segments.entries()].filter(([id]) => !held.has(id) && !this.#unreadable.has(id));
      let next = 1;
      for (let start = 0; start < wanted.length; start += next / 2) {
        await this.#inflateSome(wanted.slice(start, start + next), decode);
        next *= 2;
      }
      this.#dropSuperseded();
    });
  }

  /** Batches double: the first rows show at once, and a long list is not sorted anew for every segment. */
  async #inflateSome(batch: readonly [string, Uint8Array][], decode: (bytes: Uint8Array) => Promise<Segment>): Promise<void> {
    const rows: string[] = [];
    for (const [id, bytes] of batch) {
      try {
        const segment = await decode(bytes);
        this.#base.put(id, segment);
        for (const { row } of segment.rows) rows.push(row);
      } catch (error) {
        if (!(error instanceof SegmentMalformed)) throw error;
        this.#unreadable.add(id);
      }
    }
    this.#notify({ order: this.#placeRows(rows), all: true });
  }

  /** Old segments leave only after their successors are readable: no row vanishes for a moment. */
  #dropSuperseded(): void {
    const superseded = [...this.#base.segments].filter((id) => !this.#segments.has(id));
    if (superseded.length === 0) return;
    const before = new Set(this.#base.rows());
    for (const id of superseded) this.#base.drop(id);
    this.#notify({ order: this.#placeRows(before), all: true });
  }

  #notify(change: Partial<DocumentChange>): void {
    const full: DocumentChange = { schema: false, order: false, all: false, cells: [], ...change };
    for (const listener of this.#listeners) listener(full);
  }
}

/** A write came before the list's first sync. */
export class DocumentNotReady extends Error {
  override readonly name = 'DocumentNotReady';
}
