/** The imports that a person began in this browser and has not yet seen the end of, and what they had chosen before they began one. */

import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';

import type { Choices } from '../api/imports.ts';

const REMEMBERED_MAX = 20;
const NONE: readonly string[] = [];

interface Begun {
  readonly begun: Readonly<Record<string, readonly string[]>>;
  readonly remember: (person: string, id: string) => void;
  readonly forget: (person: string, id: string) => void;
}

/** By person, the newest last. Every tab of the browser shows them, and a reload does not lose them. */
export const useBegun = create<Begun>()(
  persist(
    (set) => {
      const change = (person: string, to: (ids: readonly string[]) => readonly string[]): void => {
        set(({ begun }) => ({ begun: { ...begun, [person]: to(begun[person] ?? NONE).slice(-REMEMBERED_MAX) } }));
      };
      return {
        begun: {},
        remember: (person, id) => change(person, (ids) => [...ids.filter((each) => each !== id), id]),
        forget: (person, id) => change(person, (ids) => ids.filter((each) => each !== id)),
      };
    },
    { name: 'rowhouse.imports' },
  ),
);

export function useBegunBy(person: string): readonly string[] {
  return useBegun(({ begun }) => begun[person] ?? NONE);
}

interface Drafts {
  readonly drafts: Readonly<Record<string, Partial<Choices>>>;
  readonly keep: (id: string, draft: Partial<Choices>) => void;
  readonly drop: (id: string) => void;
}

/** What was chosen for an import that has not begun; this tab keeps it over a reload. */
export const useDrafts = create<Drafts>()(
  persist(
    (set) => ({
      drafts: {},
      keep: (id, draft) => set(({ drafts }) => ({ drafts: { ...drafts, [id]: draft } })),
      drop: (id) => set(({ drafts }) => ({ drafts: Object.fromEntries(Object.entries(drafts).filter(([each]) => each !== id)) })),
    }),
    { name: 'rowhouse.import-drafts', storage: createJSONStorage(() => globalThis.sessionStorage) },
  ),
);
