/** The third step while it lasts: how far the import is. Leaving the page does not stop it. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';

import { type Import, cancelImport } from '../api/imports.ts';
import { StepBody } from './import-frame.tsx';
import { ProgressBar, StepTitle, Trouble } from './parts.tsx';
import { takeImport } from './use-import.ts';
import { outcomeWords, progressWords, share } from './words.ts';

interface ProgressStepProps {
  readonly job: Import;
  /** Whether the server answered when it was last asked. */
  readonly reached: boolean;
}

export function ProgressStep({ job, reached }: ProgressStepProps) {
  const queries = useQueryClient();
  const cancel = useMutation({ mutationFn: () => cancelImport(job.id), onSuccess: (seen) => takeImport(queries, seen) });
  return (
    <StepBody>
      <StepTitle>Importing {job.filename}</StepTitle>
      <div className="max-w-xl space-y-3">
        <ProgressBar label={`Importing ${job.filename}`} share={share(job)} />
        <p data-testid="import-progress" className="numbers text-sm">
          {progressWords(job)}
          {job.rows_read > 0 && <span className="text-muted"> · {outcomeWords(job)}</span>}
        </p>
        <p role="status" className="text-sm text-muted">
          {reached
            ? 'Rows appear in the list as they come, for everybody. You may leave this page: the import goes on, and the side bar shows how far it is.'
            : 'Rowhouse does not answer. The import goes on by itself as soon as it can, and this page follows it again.'}
        </p>
        {cancel.error && <Trouble title="The import could not be cancelled" error={cancel.error} />}
        <div className="flex flex-wrap gap-2 pt-2">
          {job.list_id && (
            <Link to={`/lists/${job.list_id}`} className="control control-primary">
              Open the list
            </Link>
          )}
          <button type="button" className="control border border-line" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
            {cancel.isPending ? 'Cancelling…' : 'Cancel the import'}
          </button>
        </div>
      </div>
    </StepBody>
  );
}
