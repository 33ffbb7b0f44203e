/** The third step when it is over: what came of the import, and what was not taken, to download. */

import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useEffect } from 'react';
import { Link } from 'react-router';

import type { Person } from '../account/account.ts';
import { save } from '../api/files.ts';
import { type Import, fetchReport } from '../api/imports.ts';
import { useBegun } from './begun.ts';
import { StepBody } from './import-frame.tsx';
import { StepTitle, Trouble } from './parts.tsx';
import { endTitle } from './words.ts';

const COUNTS = [
  ['rows_created', 'Created'],
  ['rows_updated', 'Updated'],
  ['rows_unchanged', 'Unchanged'],
  ['rows_refused', 'Rows refused'],
  ['values_refused', 'Values refused'],
] as const;

export function ResultStep({ job, person }: { readonly job: Import; readonly person: Person }) {
  const report = useMutation({ mutationFn: () => fetchReport(job), onSuccess: save });
  const forget = useBegun((begun) => begun.forget);
  useEffect(() => forget(person.id, job.id), [forget, person.id, job.id]);
  const left = job.rows_refused + job.values_refused;
  return (
    <StepBody>
      <StepTitle>{endTitle(job)}</StepTitle>
      {job.error && (
        <p role="alert" className="max-w-xl rounded-control bg-warning-tint px-3 py-2 text-sm">
          {job.error.detail}
        </p>
      )}
      <dl data-testid="import-result" className="flex max-w-xl flex-wrap gap-x-8 gap-y-3">
        {COUNTS.map(([key, label]) => (
          <div key={key}>
            <dt className="text-xs text-muted">{label}</dt>
            <dd className={`numbers text-xl font-semibold ${key.endsWith('refused') && job[key] > 0 ? 'text-warning' : ''}`}>{job[key].toLocaleString()}</dd>
          </div>
        ))}
      </dl>
      <p className="max-w-xl text-sm text-muted">
        {job.state !== 'done' && 'Rows that were taken before it ended are in the list. '}
        {left > 0 ? 'What was not taken stands in the report, each with its row, its column and the reason. Correct it there or in the list.' : ''}
      </p>
      {report.error && <Trouble title="The report could not be downloaded" error={report.error} />}
      <div className="flex flex-wrap gap-2">
        {job.list_id && (
          <Link to={`/lists/${job.list_id}`} className="control control-primary">
            Open the list
          </Link>
        )}
        {left > 0 && (
          <button type="button" className="control border border-line" disabled={report.isPending} onClick={() => report.mutate()}>
            <Download size={15} /> {report.isPending ? 'Downloading…' : 'Download the report'}
          </button>
        )}
        <Link to={job.list_id ? `/lists/${job.list_id}/import` : `/workspaces/${job.workspace_id}/import`} className="control border border-line">
          Import another file
        </Link>
      </div>
    </StepBody>
  );
}
