/** What an import may add beyond rows, and whether it updates rows that are there. */

import { type Role, allows } from '@rowhouse/sdk';

import type { Choices, Preview } from '../api/imports.ts';
import { type TargetColumn, goesInto, withKey } from './mapping.ts';
import { Tick } from './parts.tsx';

interface ImportOptionsProps {
  readonly preview: Preview;
  readonly choices: Choices;
  readonly columns: readonly TargetColumn[];
  readonly role: Role;
  readonly newList: boolean;
  readonly onChange: (change: Partial<Choices>) => void;
}

export function ImportOptions({ preview, choices, columns, role, newList, onChange }: ImportOptionsProps) {
  const options = allows(role, 'columns.manage') && goesInto(choices, ['select', 'multi_select'], columns);
  const links = goesInto(choices, ['link'], columns);
  if (!options && !links && newList) return null;
  return (
    <section aria-label="Options" className="space-y-3">
      <h3 className="text-base font-semibold">Options</h3>
      {options && (
        <Tick
          label="Add choices that a column does not have yet"
          hint="Otherwise values that are no choice of their column stand in the report."
          ticked={choices.create_options}
          onChange={(ticked) => onChange({ create_options: ticked })}
        />
      )}
      {links && (
        <Tick
          label="Add rows to linked lists where a name is not found"
          hint="Otherwise names that no linked row has stand in the report."
          ticked={choices.create_linked}
          onChange={(ticked) => onChange({ create_linked: ticked })}
        />
      )}
      {!newList && <Updating preview={preview} choices={choices} onChange={onChange} />}
    </section>
  );
}

function Updating({ preview, choices, onChange }: Pick<ImportOptionsProps, 'preview' | 'choices' | 'onChange'>) {
  const { upsert } = choices;
  const taken = new Set(choices.columns.flatMap(({ source, target }) => (typeof target === 'string' ? [source] : [])));
  return (
    <>
      <Tick
        label="Update rows that are there already"
        hint="A row is found by the columns that you choose; the others of the file are written into it. Rows that are not found are added."
        ticked={upsert !== null}
        onChange={(ticked) => onChange({ upsert: ticked ? { on: [] } : null })}
      />
      {upsert && (
        <fieldset className="ml-6 flex flex-wrap gap-x-5 gap-y-1.5">
          <legend className="mb-1 text-xs text-muted">Rows are the same where these are the same</legend>
          {preview.columns
            .filter(({ source }) => taken.has(source))
            .map(({ source, heading }) => (
              <Tick key={source} label={heading} ticked={upsert.on.includes(source)} onChange={(ticked) => onChange(withKey(choices, source, ticked))} />
            ))}
        </fieldset>
      )}
    </>
  );
}
