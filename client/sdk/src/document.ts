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
import { RowOrder, type Rows } from './row-order.ts';
import { type Column, type ListSchema, isSetValued, readSchema } from './schema.ts';
import { SegmentFeed } from './segment-feed.ts';
import { type OpenSegments, onThisThread } from './segment-port.ts';
import type { Batch } from './segment-reader.ts';

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
  readonly #overlay: Overlay;
  readonly #base = new BaseRows();
  readonly #order = new RowOrder(this.#base);
  readonly #feed: SegmentFeed;
  readonly #listeners = new Set<Listener>();
  #schema: ListSchema;

  /** Reads `doc`, which stays the caller's; `segments` says where its segments are read. */
  constructor(doc: Y.Doc = new Y.Doc(), segments: OpenSegments = onThisThread) {
    this.doc = doc;
    this.#meta = doc.getMap('meta');
    this.#columns = doc.getMap('columns');
    const [packed, generations]: [Y.Map<Uint8Array>, Generations] = [doc.getMap('segments'), doc.getMap('overlays')];
    this.#feed = new SegmentFeed(packed, segments, { read: (batch) => this.#read(batch), begunAnew: () => this.#base.clear() });
    this.#overlay = new Overlay(generations);
    this.#schema = readSchema(this.#meta, this.#columns);
    for (const root of [this.#meta, this.#columns]) root.observe(() => this.#readSchema());
    packed.observe(() => this.#feed.follow());
    generations.observeDeep((events) => this.#overlayChanged(generations, events));
    this.#placeRows(this.#overlay.placed);
    this.#feed.follow();
  }

  get schema(): ListSchema {
    return this.#schema;
  }

  /** The rows shown, in order. */
  get rows(): Rows {
    return this.#order.rows;
  }

  /** About how many rows are still to be read, behind those shown. */
  get rowsToCome(): number {
    return this.#feed.rowsToCome(this.#base.order.length);
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

  /** Whether every segment known by now has been read. */
  get isInflated(): boolean {
    return this.#feed.isWhole;
  }

  /** Resolves when every segment known by now has been read. */
  get inflated(): Promise<void> {
    return this.#feed.whole;
  }

  /** How many segments could not be read: their rows are missing, and a person must be told. */
  get unreadableSegments(): number {
    return this.#feed.unreadable;
  }

  /** Whether more of a row may stand in a segment that is still to be read: what is empty now may be filled then. */
  awaits(row: string): boolean {
    return !this.#feed.isWhole && !this.#base.has(row);
  }

  /** Whether what stands at a cell's or an element's key is still to be read. */
  isUnread(key: string): boolean {
    return this.#overlay.get(key) === undefined && this.beneath(key) === undefined;
  }

  /** Returns what the segments hold at a cell's or an element's key, below the live edits; `undefined` while that is still to be read. */
  beneath(key: string): Json | undefined {
    const place = parseKey(key);
    if (place?.kind !== 'cell' && place?.kind !== 'element') return null;
    if (this.awaits(place.row)) return undefined;
    const stored = this.#base.value(place.row, place.column) ?? null;
    return place.kind === 'cell' ? stored : Array.isArray(stored) && stored.includes(place.element);
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
    this.#feed.close();
    this.doc.destroy();
  }

  #readSchema(): void {
    this.#schema = readSchema(this.#meta, this.#columns);
    this.#notify({ schema: true, all: true });
  }

  #overlayChanged(generations: Generations, events: Y.YEvent<Y.AbstractType<unknown>>[]): void {
    const turn = events.find((event) => (event.target as unknown) === generations);
    if (turn) {
      this.#overlay.keep(turn as Y.YMapEvent<unknown>);
      this.#overlay.reindex();
      this.#feed.follow();
      if (this.#feed.isWhole) this.#overlay.release();
      this.#notify({ order: this.#placeRows(this.#everPlaced()), all: true });
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

  /** The rows that live edits place, and those that they did until now. */
  #everPlaced(): Iterable<string> {
    return new Set([...this.#order.placed, ...this.#overlay.placed]);
  }

  #placeRows(rows: Iterable<string>): boolean {
    const changes = new Map<string, string | null | undefined>();
    for (const row of rows) changes.set(row, this.#placeOf(row));
    return this.#order.place(changes);
  }

  /** Where live edits place a row; `null` = nowhere, `undefined` = they do not. */
  #placeOf(row: string): string | null | undefined {
    if (this.isTrashed(row)) return null;
    const position = this.#overlay.get(rowKey(row)) ?? undefined;
    return position === undefined || typeof position === 'string' ? position : null;
  }

  #read(batch: Batch): void {
    this.#base.take(batch);
    if (this.#feed.isWhole && this.#overlay.release()) this.#placeRows(this.#everPlaced());
    this.#order.merge();
    this.#notify({ order: true, all: true });
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
