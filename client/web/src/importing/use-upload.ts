/** A file on its way to the server. Whatever happens to it, it stays chosen. */

import { useEffect, useRef, useState } from 'react';

import { type Destination, type Import, uploadImport } from '../api/imports.ts';
import { fileFault } from './words.ts';

export interface Uploading {
  /** The file that was chosen last. */
  readonly file: File | null;
  /** Why it is not sent. */
  readonly fault: string | null;
  /** How much of it has gone, 0 to 1; `null` while nothing is on its way. */
  readonly share: number | null;
  readonly error: Error | null;
  readonly begin: (file: File) => void;
  /** Sends the file once more. */
  readonly again: () => void;
  readonly cancel: () => void;
}

export function useUpload(to: Destination, onUploaded: (job: Import) => void): Uploading {
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState<number | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const under = useRef<AbortController>(undefined);
  useEffect(() => () => under.current?.abort(), []);
  const fault = file && fileFault(file);

  async function travel(chosen: File): Promise<void> {
    under.current?.abort();
    const way = new AbortController();
    under.current = way;
    setShare(0);
    setError(null);
    try {
      const job = await uploadImport(to, chosen, way.signal, (gone) => !way.signal.aborted && setShare(gone));
      if (!way.signal.aborted) onUploaded(job);
    } catch (failure) {
      if (!way.signal.aborted) setError(failure instanceof Error ? failure : new Error(String(failure)));
    }
    if (under.current === way) setShare(null);
  }

  function begin(chosen: File): void {
    setFile(chosen);
    setError(null);
    if (fileFault(chosen) === null) void travel(chosen);
  }

  return { file, fault, share, error, begin, again: () => file && begin(file), cancel: () => under.current?.abort() };
}
