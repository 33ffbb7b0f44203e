/** Names behind the ids that cells hold: people of the workspace, and rows of linked lists. */

export interface NamedPerson {
  readonly id: string;
  readonly name: string;
  readonly hue: number;
}

export interface Names {
  readonly people: ReadonlyMap<string, NamedPerson>;
  /** The name of a linked row; `undefined` while it is being fetched, `null` when the list has no such row. */
  readonly row: (list: string, row: string) => string | null | undefined;
  /** The row of a linked list that bears a name, among those known so far. */
  readonly findRow: (list: string, name: string) => string | undefined;
}
