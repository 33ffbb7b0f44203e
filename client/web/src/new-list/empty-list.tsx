/** The form of an empty list: its name. */

import { useState } from 'react';

import type { Making } from './new-list-dialog.tsx';
import { Foot } from './foot.tsx';

const NAME_CHARACTERS_MAX = 200;

export function EmptyList({ making }: { readonly making: Making }) {
  const [name, setName] = useState('');
  const [missing, setMissing] = useState(false);
  function submit(event: React.FormEvent): void {
    event.preventDefault();
    const given = name.trim();
    setMissing(given === '');
    if (given !== '') void making.make('lists', { name: given });
  }
  return (
    <form noValidate onSubmit={submit} className="flex min-h-0 flex-1 flex-col gap-3">
      <label className="block">
        <span className="mb-1 block text-sm font-medium">Name</span>
        <input
          data-testid="new-list-name"
          className="field"
          maxLength={NAME_CHARACTERS_MAX}
          value={name}
          aria-invalid={missing}
          onChange={(event) => setName(event.target.value)}
        />
        {missing && <span role="alert" className="mt-1 block text-xs text-danger">Give the list a name.</span>}
      </label>
      <p className="text-sm text-muted">It begins with one column of text, which names its rows.</p>
      <Foot making={making} words="Make the list" able />
    </form>
  );
}
