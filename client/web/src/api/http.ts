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
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = `The server answered ${response.status}. Try again in a moment.`;
  if (!response.headers.get('content-type')?.includes('json')) return new Problem(response.status, 'internal', fallback);
  const { code, detail, title, errors } = await response.json();
  return new Problem(response.status, String(code ?? 'internal'), String(detail ?? title ?? fallback), errors ?? []);
}

/** Makes one call. Throws `Problem` for a refusal, `TypeError` when the server cannot be reached. */
export async function request<T>(path: string, { method = 'GET', body, token, signal }: Call = {}): Promise<T> {
  const response = await fetch(path, {
    method,
    signal: signal ?? null,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}
