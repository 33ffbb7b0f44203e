/** The imports that a person began, at the foot of the side bar: how far they are, and that they have ended. */

import { X } from 'lucide-react';
import { useEffect } from 'react';
import { Link } from 'react-router';

import type { Person } from '../account/account.ts';
import { Problem } from '../api/http.ts';
import type { Import } from '../api/imports.ts';
import { useBegun, useBegunBy } from './begun.ts';
import { isUnderWay } from './follow.ts';
import { ProgressBar } from './parts.tsx';
import { useImport } from './use-import.ts';
import { endTitle, outcomeWords, progressWords, share } from './words.ts';

interface RunningImportsProps {
  readonly person: Person;
  readonly onFollow: () => void;
}

export default function RunningImports({ person, onFollow }: RunningImportsProps) {
  const ids = useBegunBy(person.id);
  const forget = useBegun((begun) => begun.forget);
  return (
    <ul aria-label="Imports" data-testid="running-imports" className="max-h-48 space-y-1 overflow-y-auto border-t border-line p-2">
      {ids.map((id) => (
        <RunningImport key={id} id={id} onFollow={onFollow} onForget={() => forget(person.id, id)} />
      ))}
    </ul>
  );
}

interface RunningImportProps {
  readonly id: string;
  readonly onFollow: () => void;
  readonly onForget: () => void;
}

function RunningImport({ id, onFollow, onForget }: RunningImportProps) {
  const { data, error } = useImport(id);
  const gone = error instanceof Problem && error.status === 404;
  useEffect(() => {
    if (gone) onForget();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once, when it is gone
  }, [gone]);
  if (!data) return null;
  const { job, reached } = data;
  return (
    <li className="flex items-start gap-1">
      <Link to={`/imports/${id}`} onClick={onFollow} className="min-w-0 flex-1 space-y-1 rounded-control px-2 py-1 text-xs hover:bg-hover">
        <span className="block truncate font-medium">{job.filename}</span>
        {isUnderWay(job) && <ProgressBar label={`Importing ${job.filename}`} share={share(job)} />}
        <span role="status" className="numbers block text-muted">
          <Standing job={job} reached={reached && !error} />
        </span>
      </Link>
      {!isUnderWay(job) && (
        <button type="button" aria-label={`Dismiss ${job.filename}`} className="control !h-6 !px-1" onClick={onForget}>
          <X size={13} />
        </button>
      )}
    </li>
  );
}

function Standing({ job, reached }: { readonly job: Import; readonly reached: boolean }) {
  if (!isUnderWay(job)) return `${endTitle(job)}: ${outcomeWords(job)}`;
  // Every number of a running import would be read aloud.
  return <span aria-hidden>{reached ? progressWords(job) : 'No answer; trying again…'}</span>;
}
