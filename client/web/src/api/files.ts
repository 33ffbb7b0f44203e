/** Files that the server makes: fetched with the person's token, and handed to the browser to keep. */

import { asPerson } from '../account/account.ts';
import { type Call, send } from './http.ts';

export interface Download {
  readonly content: Blob;
  readonly name: string;
}

/** The name that a `Content-Disposition` gives a file (RFC 6266), or `fallback`. */
export function fileName(disposition: string | null, fallback: string): string {
  const said = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  try {
    return said ? decodeURIComponent(said) : fallback;
  } catch {
    return fallback;
  }
}

/** Fetches a whole file. Throws as `send` does. */
export async function fetchFile(path: string, fallback: string, options: Call = {}): Promise<Download> {
  const response = await asPerson((token) => send(path, { accept: '*/*', ...options, token }));
  return { content: await response.blob(), name: fileName(response.headers.get('content-disposition'), fallback) };
}

/** Hands a file to the browser to keep. */
export function save({ content, name }: Download): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
