/** Calls of the server's API: JSON in, JSON out, problem details as one error type. */

/** A refused call: the server's sentence, its code of the closed set, and the places that are wrong. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: readonly { readonly field: string; readonly message: string }[] = [],
  ) {
    super(message);
  }
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly token?: string | null;
  readonly signal?: AbortSignal | undefined;
  /** The media type that is asked for; JSON if nothing is said. */
  readonly accept?: string;
}

/** Reads a refusal: the server's problem details, or a sentence of our own where a proxy answered in its place. */
export function problemOf(status: number, type: string | null, text: string): Problem {
  const fallback = `The server answered ${status}. Try again in a moment.`;
  if (!type?.includes('json')) return new Problem(status, 'internal', fallback);
  const { code, detail, title, errors } = JSON.parse(text);
  return new Problem(status, String(code ?? 'internal'), String(detail ?? title ?? fallback), errors ?? []);
}

/** What went wrong, in the server's words where it has answered. */
export function sentenceOf(error: Error): string {
  return error instanceof Problem ? error.message : 'Rowhouse could not be reached. Check the connection and try again.';
}

/** Makes one call and returns its answer unread. Throws `Problem` for a refusal, `TypeError` when the server cannot be reached. */
export async function send(path: string, { method = 'GET', body, token, signal, accept = 'application/json' }: Call = {}): Promise<Response> {
  const response = await fetch(path, {
    method,
    signal: signal ?? null,
    credentials: 'same-origin',
    headers: {
      Accept: accept,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw problemOf(response.status, response.headers.get('content-type'), await response.text());
  return response;
}

/** Makes one call and reads its JSON. Throws as `send` does. */
export async function request<T>(path: string, call: Call = {}): Promise<T> {
  const response = await send(path, call);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}
