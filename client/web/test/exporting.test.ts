import { afterEach, describe, expect, test, vi } from 'vitest';

import { useAccount } from '../src/account/account.ts';
import { fetchFile, fileName, save } from '../src/api/files.ts';
import { sentenceOf } from '../src/api/http.ts';
import { FORMATS, labelOf, mayExport } from '../src/exporting/formats.ts';

const ANA = { id: 'user-ana-0000000', email: 'ana@example.com', name: 'Ana', hue: 10 };
const NAMED = `attachment; filename="Hauser 2030-01-02.csv"; filename*=UTF-8''H%C3%A4user%202030-01-02.csv`;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  useAccount.setState({ account: { kind: 'unknown' } });
});

describe('[WEB-80] who is offered an export', () => {
  test.each([
    ['owner', false, true],
    ['admin', false, true],
    ['editor', false, true],
    ['member', false, false],
    ['member', true, true],
    [null, true, false],
  ] as const)('%s, switched on: %s -> %s', (role, switchedOn, offered) => {
    expect(mayExport(role, switchedOn)).toBe(offered);
  });

  test('there are four formats, each with its name', () => {
    expect(FORMATS.map(({ format }) => labelOf(format))).toEqual(['CSV', 'Excel', 'JSON lines', 'Parquet']);
  });
});

describe('[WEB-81] the file', () => {
  test.each([
    [NAMED, 'Häuser 2030-01-02.csv'],
    ['attachment', 'list.csv'],
    [null, 'list.csv'],
    [`attachment; filename*=UTF-8''%E4`, 'list.csv'],
  ])('%s is called “%s”', (said, name) => {
    expect(fileName(said, 'list.csv')).toBe(name);
  });

  test('is asked for with the token of the person, and has the name that the server gives it', async () => {
    useAccount.setState({ account: { kind: 'signed_in', user: ANA, token: 'secret' } });
    const fetched = vi.fn(async (_path: string, _options: RequestInit) => new Response('Name\r\n', { headers: { 'content-disposition': NAMED } }));
    vi.stubGlobal('fetch', fetched);
    const { content, name } = await fetchFile('/api/lists/l/export?format=csv', 'list.csv');
    expect(await content.text()).toBe('Name\r\n');
    expect(name).toBe('Häuser 2030-01-02.csv');
    expect(fetched.mock.calls[0]?.[1].headers).toMatchObject({ Authorization: 'Bearer secret' });
  });

  test('goes to the browser under its name, and the page lets go of it', () => {
    const clicked: string[] = [];
    const freed = vi.fn();
    Object.assign(URL, { createObjectURL: () => 'blob:one', revokeObjectURL: freed });
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      clicked.push(`${this.download} ${this.href}`);
    });
    save({ content: new Blob(['x']), name: 'Homes.csv' });
    expect(clicked).toEqual(['Homes.csv blob:one']);
    expect(freed).toHaveBeenCalledWith('blob:one');
  });
});

test('[WEB-82] a refusal is told in the server’s words, a lost connection in ours', async () => {
  const body = JSON.stringify({ code: 'forbidden', detail: 'Members may not export this list.', status: 403 });
  vi.stubGlobal('fetch', async () => new Response(body, { status: 403, headers: { 'content-type': 'application/problem+json' } }));
  const refused = await fetchFile('/api/lists/l/export', 'list.csv').catch((error: Error) => error);
  expect(refused instanceof Error && sentenceOf(refused)).toBe('Members may not export this list.');
  expect(sentenceOf(new TypeError('fetch failed'))).toContain('Check the connection');
});
