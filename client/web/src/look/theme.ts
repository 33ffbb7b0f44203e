/** Light or dark: the person's choice, else the machine's. */

import { useSyncExternalStore } from 'react';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

import type { Mode } from './palette.ts';

export type ThemeChoice = Mode | 'system';

interface ThemeState {
  readonly choice: ThemeChoice;
  readonly choose: (choice: ThemeChoice) => void;
}

export const useTheme = create<ThemeState>()(
  persist((set) => ({ choice: 'system', choose: (choice) => set({ choice }) }), { name: 'rowhouse.theme' }),
);

const darkMachine = globalThis.matchMedia?.('(prefers-color-scheme: dark)');

function subscribe(listener: () => void): () => void {
  darkMachine?.addEventListener('change', listener);
  return () => darkMachine?.removeEventListener('change', listener);
}

/** Returns the mode that is shown now, and follows it. */
export function useMode(): Mode {
  const choice = useTheme((state) => state.choice);
  const machineIsDark = useSyncExternalStore(subscribe, () => darkMachine?.matches ?? false);
  if (choice !== 'system') return choice;
  return machineIsDark ? 'dark' : 'light';
}

/** Shows the choice on the page, now and whenever it changes. */
export function applyTheme(): void {
  const show = ({ choice }: ThemeState): void => {
    if (choice === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = choice;
  };
  show(useTheme.getState());
  useTheme.subscribe(show);
}
