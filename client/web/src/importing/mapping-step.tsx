/** The second step: how the file is read, where its columns go, what will not convert, and what the import would do. */

import { type Role, allows } from '@rowhouse/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';

import type { Person } from '../account/account.ts';
import { type Choices, type Import, type Preview, cancelImport } from '../api/imports.ts';
import { columnsQuery, listsQuery } from '../api/queries.ts';
import { rowCount } from '../list/use-size.ts';
import { ColumnRow } from './column-row.tsx';
import { DifferenceView } from './difference-view.tsx';
import { FileReading } from './file-reading.tsx';
import { FirstRows } from './first-rows.tsx';
import { StepBody } from './import-frame.tsx';
import { ImportOptions } from './import-options.tsx';
import { type TargetColumn, faults, importable, readAs, withColumn, withTarget } from './mapping.ts';
import { StepTitle, Trouble } from './parts.tsx';
import { takeImport } from './use-import.ts';
import { type Mapping, useMapping } from './use-mapping.ts';
import { forecastWords, problemCount } from './words.ts';

interface MappingStepProps {
  readonly job: Import;
  readonly role: Role;
  readonly person: Person;
}

export function MappingStep({ job, role, person }: MappingStepProps) {
  const mapping = useMapping(job, person.id);
  const { preview, choices, offline, previewError, look } = mapping;
  const columns = useQuery(columnsQuery(job.list_id ?? ''));
  const error = previewError ?? columns.error;
  const known = job.list_id === null ? [] : columns.data;
  return (
    <>
      <StepBody>
        <StepTitle>Where do the columns go?</StepTitle>
        {error && (
          <Trouble
            title={preview ? 'This choice could not be looked at' : 'The file could not be read'}
            error={error}
            onRetry={() => {
              look();
              void columns.refetch();
            }}
          />
        )}
        {offline && (
          <p role="alert" className="rounded-control bg-warning-tint px-3 py-2 text-sm text-warning">
            You are offline. What you choose is kept, and looked at when the connection is back.
          </p>
        )}
        {!error && !offline && (!preview || !known) && (
          <p role="status" className="appear text-sm text-muted">
            Reading {job.filename}…
          </p>
        )}
        {preview && choices && known && <Chosen {...{ job, role, mapping, preview, choices }} columns={known} />}
      </StepBody>
      <Foot job={job} mapping={mapping} said={preview && choices && known ? faults(choices, preview, known, job.list_id === null) : null} />
    </>
  );
}

interface ChosenProps {
  readonly job: Import;
  readonly role: Role;
  readonly mapping: Mapping;
  readonly preview: Preview;
  readonly choices: Choices;
  readonly columns: readonly TargetColumn[];
}

function Chosen({ job, role, mapping, preview, choices, columns }: ChosenProps) {
  const { change, replace, draft, current } = mapping;
  const { data: lists = [] } = useQuery(listsQuery(job.workspace_id));
  const places = { columns: importable(columns, role), mayAdd: allows(role, 'columns.manage'), lists };
  return (
    <>
      {job.list_id === null && <ListName name={choices.list_name ?? ''} onChange={(name) => change({ list_name: name })} />}
      <FileReading preview={preview} choices={choices} onChange={(reading) => replace(readAs(draft, reading))} />
      {preview.notes.length > 0 && (
        <ul data-testid="import-notes" aria-label="About the file" className="list-disc space-y-0.5 pl-5 text-sm text-muted">
          {preview.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <section aria-label="Columns" aria-busy={!current}>
        <h3 className="mb-2 flex items-baseline gap-3 text-base font-semibold">
          Columns of the file
          {!current && <span className="appear text-xs font-normal text-muted">Checking…</span>}
        </h3>
        <ul className="rounded-panel border border-line">
          {preview.columns.map((column) => (
            <ColumnRow
              key={column.source}
              column={column}
              choice={choices.columns.find(({ source }) => source === column.source) ?? { source: column.source, target: null }}
              places={places}
              current={current}
              onTarget={(target) => change(withTarget(choices, column.source, target))}
              onChoice={(choice) => change(withColumn(choices, choice))}
            />
          ))}
        </ul>
      </section>
      <ImportOptions preview={preview} choices={choices} columns={columns} role={role} newList={job.list_id === null} onChange={change} />
      {choices.upsert && preview.difference && <DifferenceView difference={preview.difference} sampled={preview.rows_sampled} current={current} />}
      <FirstRows preview={preview} />
    </>
  );
}

function ListName({ name, onChange }: { readonly name: string; readonly onChange: (name: string) => void }) {
  return (
    <label className="block max-w-sm">
      <span className="mb-1 block text-sm font-medium">Name of the new list</span>
      <input className="field" value={name} aria-invalid={name.trim() === ''} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}

interface FootProps {
  readonly job: Import;
  readonly mapping: Mapping;
  /** What must be put right first; `null` while that is not known. */
  readonly said: readonly string[] | null;
}

/** What the import will do, and the buttons that begin it or give it up. */
function Foot({ job, mapping: { preview, current, run, running, runError }, said }: FootProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const giveUp = useMutation({
    mutationFn: () => cancelImport(job.id),
    onSuccess: (seen) => {
      void navigate(job.list_id ? `/lists/${job.list_id}` : `/workspaces/${job.workspace_id}`);
      takeImport(queries, seen);
    },
  });
  const bad = preview ? problemCount(preview) : 0;
  const ready = said?.length === 0 && current;
  return (
    <footer className="sticky bottom-0 border-t border-line bg-page">
      <div className="mx-auto flex w-full max-w-4xl flex-wrap items-center gap-2 px-4 py-3 @2xl:px-6">
        <div className="min-w-48 flex-1 text-sm">
          {said && said.length > 0 && (
            <ul role="alert" data-testid="import-faults" className="text-warning">
              {said.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          )}
          {preview && ready && <p data-testid="import-forecast">{forecastWords(bad, preview)}</p>}
          {runError && <Trouble title="The import did not begin" error={runError} />}
          {giveUp.error && <Trouble title="The import could not be given up" error={giveUp.error} />}
        </div>
        <button type="button" className="control border border-line" disabled={giveUp.isPending} onClick={() => giveUp.mutate()}>
          Cancel
        </button>
        <button type="button" data-testid="import-run" className="control control-primary" disabled={!ready || running} onClick={run}>
          {running ? 'Starting…' : preview?.rows_total ? `Import ${rowCount(preview.rows_total)}` : 'Import'}
        </button>
      </div>
    </footer>
  );
}
