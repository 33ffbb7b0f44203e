/** The first step: a file is dropped or picked, and travels at once. */

import { FileUp } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';

import type { Destination, Import } from '../api/imports.ts';
import { ProgressBar, StepTitle, Trouble } from './parts.tsx';
import { useUpload } from './use-upload.ts';
import { FILE_BYTES_MAX, sizeWords } from './words.ts';

const ACCEPTED = '.csv,.tsv,.txt,.xlsx,.json,.jsonl,.ndjson';

interface ChooseFileProps {
  readonly to: Destination;
  readonly onUploaded: (job: Import) => void;
}

export function ChooseFile({ to, onUploaded }: ChooseFileProps) {
  const { file, fault, share, error, begin, again, cancel } = useUpload(to, onUploaded);
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const pick = (): void => input.current?.click();

  function drop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    const [dropped] = event.dataTransfer.files;
    if (dropped && share === null) begin(dropped);
  }

  return (
    <div className="space-y-4">
      <StepTitle>Choose a file</StepTitle>
      <input
        ref={input}
        type="file"
        hidden
        accept={ACCEPTED}
        data-testid="import-file"
        onChange={({ target }) => {
          const [picked] = target.files ?? [];
          target.value = '';
          if (picked) begin(picked);
        }}
      />
      <div
        data-testid="import-drop"
        className={`flex min-h-52 flex-col items-center justify-center gap-3 rounded-panel border border-dashed p-6 text-center ${over ? 'border-accent bg-tint' : 'border-line bg-panel'}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {file && share !== null ? (
          <Uploading file={file} share={share} onCancel={cancel} />
        ) : (
          <>
            <FileUp size={24} aria-hidden className="text-muted" />
            <p>Drop a CSV, Excel or JSON file here, or pick one.</p>
            <button type="button" className="control control-primary" onClick={pick}>
              {file ? 'Choose another file' : 'Choose a file'}
            </button>
            <p className="text-xs text-muted">Up to {sizeWords(FILE_BYTES_MAX)}. Nothing is imported before you have seen what becomes of it.</p>
          </>
        )}
      </div>
      {fault && (
        <p role="alert" className="rounded-control bg-warning-tint px-3 py-2 text-sm text-warning">
          {fault}
        </p>
      )}
      {file && error && <Trouble title={`“${file.name}” could not be uploaded`} error={error} onRetry={again} />}
      {file && !fault && !error && share === null && (
        <p className="flex flex-wrap items-center gap-2 text-sm">
          The upload of “{file.name}” was cancelled.
          <button type="button" className="control border border-line" onClick={again}>
            Upload it
          </button>
        </p>
      )}
    </div>
  );
}

function Uploading({ file, share, onCancel }: { readonly file: File; readonly share: number; readonly onCancel: () => void }) {
  return (
    <div className="w-full max-w-sm space-y-2">
      <p className="truncate font-medium">{file.name}</p>
      <ProgressBar label={`Uploading ${file.name}`} share={share} />
      <p className="numbers text-xs text-muted">
        {share < 1 ? `${sizeWords(share * file.size)} of ${sizeWords(file.size)} uploaded` : 'Uploaded. The server looks at it…'}
      </p>
      <button type="button" className="control border border-line" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}
