/** Sends a file and tells how far it is: `fetch` cannot say, so this is an `XMLHttpRequest`. */

import { problemOf } from './http.ts';

export interface Upload {
  readonly token: string | null;
  readonly signal: AbortSignal;
  /** Called with the share that has gone, 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/**
 * Uploads `file` as the part `file` of a form and returns the server's JSON.
 *
 * Throws `Problem` for a refusal, `TypeError` when the server cannot be reached, an `AbortError` when it was cancelled.
 */
export function upload<T>(path: string, file: File, { token, signal, onProgress }: Upload): Promise<T> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const abort = (): void => xhr.abort();
    xhr.open('POST', path);
    xhr.setRequestHeader('Accept', 'application/json');
    if (token) xhr.setRequestHeader('Authorization', `Bearer ${token}`);
    xhr.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0));
    xhr.addEventListener('load', () => {
      if (xhr.status >= 200 && xhr.status < 300) resolve(JSON.parse(xhr.responseText));
      else reject(problemOf(xhr.status, xhr.getResponseHeader('content-type'), xhr.responseText));
    });
    xhr.addEventListener('error', () => reject(new TypeError('The upload was interrupted')));
    xhr.addEventListener('abort', () => reject(new DOMException('The upload was cancelled', 'AbortError')));
    xhr.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    signal.addEventListener('abort', abort);
    if (signal.aborted) return reject(new DOMException('The upload was cancelled', 'AbortError'));
    const form = new FormData();
    form.append('file', file);
    xhr.send(form);
    return undefined;
  });
}
