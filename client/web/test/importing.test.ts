import { describe, expect, test } from 'vitest';

import type { Choices, Import, Preview } from '../src/api/imports.ts';
import { Problem } from '../src/api/http.ts';
import { type Followed, type FollowPorts, PAUSE_MS, follow } from '../src/importing/follow.ts';
import { askable, chosen, faults, goesInto, importable, newColumn, readAs, readingOf, typeOf, withKey, withTarget } from '../src/importing/mapping.ts';
import { FILE_BYTES_MAX, differenceWords, endTitle, fileFault, outcomeWords, problemCount, forecastWords, progressWords, share, sizeWords, valueWords } from '../src/importing/words.ts';

const COLUMNS = [
  { id: 'col-address', name: 'Address', type: 'text', locked: false },
  { id: 'col-price', name: 'Price', type: 'currency', locked: true },
  { id: 'col-count', name: 'Leases', type: 'count', locked: false },
] as const;

const CHOICES: Choices = {
  delimiter: ',',
  columns: [
    { source: 0, target: 'col-address' },
    { source: 1, target: { name: 'Listed', type: 'date' }, reading: { date_order: 'day_first' } },
    { source: 2, target: null },
  ],
  create_options: false,
  create_linked: false,
  upsert: null,
};

const column = (source: number, heading: string, problems = 0) => ({ source, heading, type: 'text' as const, filled: 3, samples: [], problems, problem_samples: [], doubts: [] });

const PREVIEW: Preview = {
  choices: CHOICES,
  sheets: [],
  notes: [],
  columns: [column(0, 'Address', 1), column(1, 'Listed', 2), column(2, 'Notes', 4)],
  rows: [],
  rows_sampled: 200,
  rows_total: 1_000,
  difference: null,
};

const JOB: Import = {
  id: 'imp', workspace_id: 'w', list_id: 'l', filename: 'homes.csv', size_bytes: 9, state: 'running', rows_total: 200, rows_read: 50,
  rows_created: 40, rows_updated: 0, rows_unchanged: 0, rows_refused: 10, values_refused: 3, error: null,
};

describe('[WEB-68] where the columns of a file go', () => {
  test('what the person chose stands over what was guessed', () => {
    expect(chosen(PREVIEW, { delimiter: ';' })).toEqual({ ...CHOICES, delimiter: ';' });
    expect(chosen(PREVIEW, withTarget(CHOICES, 2, 'col-price')).columns[2]).toEqual({ source: 2, target: 'col-price' });
  });

  test('another target keeps how the column is read, and a key that is left out is no key any more', () => {
    const keyed = { ...CHOICES, upsert: { on: [0, 1] } };
    expect(withTarget(keyed, 1, null)).toEqual({
      columns: [CHOICES.columns[0], { source: 1, target: null, reading: { date_order: 'day_first' } }, CHOICES.columns[2]],
      upsert: { on: [0] },
    });
    expect(withTarget(keyed, 1, 'col-price')).not.toHaveProperty('upsert');
  });

  test('the server is asked about what is finished', () => {
    const draft = { ...CHOICES, list_name: ' ', upsert: { on: [] }, columns: [CHOICES.columns[0]!, { source: 1, target: { name: ' ', type: 'text' as const } }, { source: 2, target: { name: 'Owner', type: 'link' as const } }] };
    expect(askable(draft)).toEqual({
      delimiter: ',', create_options: false, create_linked: false, upsert: null,
      columns: [CHOICES.columns[0], { source: 1, target: null }, { source: 2, target: null }],
    });
    expect(askable({ ...CHOICES, list_name: 'Homes', upsert: { on: [0] } })).toEqual({ ...CHOICES, list_name: 'Homes', upsert: { on: [0] } });
    expect(askable({})).toEqual({});
  });

  test('keys stand in the order of the file', () => {
    expect(withKey({ ...CHOICES, upsert: { on: [1] } }, 0, true)).toEqual({ upsert: { on: [0, 1] } });
    expect(withKey({ ...CHOICES, upsert: { on: [1] } }, 1, false)).toEqual({ upsert: { on: [] } });
  });

  test('another sheet has other columns: their targets are guessed anew, the rest stays', () => {
    expect(readAs({ ...CHOICES, create_options: true, upsert: { on: [0] } }, { sheet: 'Sold' })).toEqual({
      delimiter: ',', sheet: 'Sold', create_options: true, create_linked: false,
    });
  });

  test('types decide what may be asked', () => {
    expect(typeOf('col-price', COLUMNS)).toBe('currency');
    expect(typeOf({ name: 'x', type: 'date' }, COLUMNS)).toBe('date');
    expect([typeOf(null, COLUMNS), typeOf('col-gone', COLUMNS)]).toEqual([null, null]);
    expect(['date', 'currency', 'text', null].map((type) => readingOf(type as 'date'))).toEqual(['date_order', 'decimal', null, null]);
    expect(goesInto(CHOICES, ['date'], COLUMNS)).toBe(true);
    expect(goesInto(CHOICES, ['select', 'link'], COLUMNS)).toBe(false);
    expect(newColumn({ ...column(0, 'Total'), type: 'formula' })).toEqual({ name: 'Total', type: 'text' });
  });
});

test('[WEB-17] [WEB-67] computed columns are not offered, locked ones only to who may edit them', () => {
  expect(importable(COLUMNS, 'editor').map(({ id }) => id)).toEqual(['col-address']);
  expect(importable(COLUMNS, 'admin').map(({ id }) => id)).toEqual(['col-address', 'col-price']);
});

describe('[WEB-69] what must be put right is said before the import begins', () => {
  const said = (change: Partial<Choices>, newList = false) => faults({ ...CHOICES, ...change }, PREVIEW, COLUMNS, newList);
  const target = (source: number, to: Choices['columns'][number]['target']) => withTarget(CHOICES, source, to);

  test('nothing, if all is well', () => {
    expect(said({})).toEqual([]);
    expect(said({ list_name: 'Homes', upsert: { on: [0] } }, true)).toEqual([]);
  });

  test.each([
    ['Every column is left out. Choose where at least one of them goes.', { columns: [{ source: 0, target: null }] }],
    ['Two columns go into “Address”. Leave one of them out.', target(2, 'col-address')],
    ['Give the new column for “Notes” a name.', target(2, { name: ' ', type: 'text' })],
    ['There would be two columns called “price”. Rename one, or choose the column that is there.', target(2, { name: 'price', type: 'text' })],
    ['There would be two columns called “Listed ”. Rename one, or choose the column that is there.', target(2, { name: 'Listed ', type: 'text' })],
    ['Choose the list that “Notes” links to.', target(2, { name: 'Owners', type: 'link' })],
    ['Choose at least one column by which rows are found, or add every row.', { upsert: { on: [] } }],
  ] satisfies [string, Partial<Choices>][])('%s', (sentence, change) => {
    expect(said(change)).toEqual([sentence]);
  });

  test('a new list needs a name', () => {
    expect(said({ list_name: ' ' }, true)).toEqual(['Give the new list a name.']);
  });
});

test('[WEB-68] a file that is empty or too large is told before it travels', () => {
  expect(fileFault({ name: 'a.csv', size: 0 })).toBe('“a.csv” is empty. Choose another file.');
  expect(fileFault({ name: 'a.csv', size: FILE_BYTES_MAX })).toBe(null);
  expect(fileFault({ name: 'a.csv', size: 1.5 * FILE_BYTES_MAX })).toBe('“a.csv” has 300 MB; a file may have 200 MB at most. Split it into several files.');
  expect([0, 900, 2_048, 1_572_864].map(sizeWords)).toEqual(['0 bytes', '900 bytes', '2 KB', '1.5 MB']);
});

test('[WEB-71] progress and outcome in words', () => {
  expect([share(JOB), share({ ...JOB, rows_total: null }), share({ ...JOB, state: 'queued' }), share({ ...JOB, state: 'done' })]).toEqual([0.25, null, null, 1]);
  expect(progressWords(JOB)).toBe('50 of 200 rows read');
  expect(progressWords({ ...JOB, rows_total: null })).toBe('50 rows read');
  expect(progressWords({ ...JOB, state: 'queued' })).toBe('Waiting for its turn…');
  expect(outcomeWords(JOB)).toBe('40 created, 10 refused');
  expect(outcomeWords({ ...JOB, rows_created: 0, rows_refused: 0 })).toBe('No rows');
  expect((['done', 'cancelled', 'failed'] as const).map((state) => endTitle({ ...JOB, state }))).toEqual([
    'The import is done', 'The import was cancelled', 'The import stopped',
  ]);
});

test('[WEB-69] problems are counted over the columns that are taken', () => {
  expect(problemCount(PREVIEW)).toBe(3);
  expect(forecastWords(3, PREVIEW)).toBe('3 values of the 200 rows that were looked at will not convert: they stay out and stand in the report.');
  expect(forecastWords(1, { rows_sampled: 9, rows_total: 9 })).toBe('1 value of all 9 rows will not convert: it stays out and stands in the report.');
  expect(forecastWords(0, { rows_sampled: 9, rows_total: 9 })).toBe('Every value of all 9 rows will convert.');
});

test('[WEB-70] the difference says whether all rows were compared', () => {
  const difference = { exact: true, create: 1_200, update: 3, unchanged: 0, refused: 0, samples: [] };
  expect(differenceWords(difference, 200)).toBe('1,200 new, 3 changed, 0 unchanged');
  expect(differenceWords({ ...difference, exact: false }, 200)).toBe('1,200 new, 3 changed, 0 unchanged among the first 200 rows');
  expect(differenceWords({ ...difference, refused: 2 }, 200)).toBe('1,200 new, 3 changed, 0 unchanged, 2 refused');
  expect([null, [], '', true, 1_234.5, ['a', 'b'], { city: 'x' }].map(valueWords)).toEqual(['(empty)', '(empty)', '(empty)', 'Yes', '1,234.5', 'a, b', '{"city":"x"}']);
});

describe('[WEB-72] an import is followed until it has ended', () => {
  /** A server that says what `script` says, call by call: an import, or an error to throw; a list is a stream. */
  async function played(script: (Partial<Import> | Error | (Partial<Import> | Error)[])[]): Promise<{ seen: string[]; waits: number[] }> {
    const waits: number[] = [];
    const tell = (told: Partial<Import> | Error): Import => {
      if (told instanceof Error) throw told;
      return { ...JOB, ...told };
    };
    const next = () => script.shift() ?? new Error('the script has ended');
    const ports: FollowPorts = {
      get: async () => tell(next() as Partial<Import>),
      stream: async function* () {
        for (const told of [next()].flat()) yield tell(told);
      },
      wait: async (ms) => void waits.push(ms),
    };
    const seen: Followed[] = [];
    try {
      for await (const each of follow('imp', ports, new AbortController().signal)) seen.push(each);
    } catch (error) {
      return { seen: [...seen.map(say), String(error)], waits };
    }
    return { seen: seen.map(say), waits };
  }
  const say = ({ job, reached }: Followed): string => `${job.state} ${job.rows_read}${reached ? '' : ' unreached'}`;

  test('by events', async () => {
    const { seen, waits } = await played([{ state: 'queued', rows_read: 0 }, [{ rows_read: 10 }, { rows_read: 200, state: 'done' }]]);
    expect(seen).toEqual(['queued 0', 'running 10', 'done 200']);
    expect(waits).toEqual([]);
  });

  test('by asking, where events do not come or break off', async () => {
    const { seen, waits } = await played([{ rows_read: 1 }, [], { rows_read: 2 }, [{ rows_read: 3 }, new TypeError('cut')], { state: 'done', rows_read: 4 }]);
    expect(seen).toEqual(['running 1', 'running 2', 'running 3', 'done 4']);
    expect(waits).toEqual([PAUSE_MS, PAUSE_MS]);
  });

  test('an outage is told and waited out, ever more slowly', async () => {
    const down = new TypeError('down');
    const busy = new Problem(503, 'busy', 'Busy');
    const { seen, waits } = await played([{ rows_read: 1 }, [down], down, [busy], busy, [], { state: 'cancelled' }]);
    expect(seen).toEqual(['running 1', 'running 1 unreached', 'running 1 unreached', 'cancelled 50']);
    expect(waits).toEqual([PAUSE_MS, 2 * PAUSE_MS, 4 * PAUSE_MS]);
  });

  test('a refusal ends it, as does a first answer that does not come', async () => {
    const gone = new Problem(404, 'not_found', 'Gone');
    expect((await played([{ rows_read: 1 }, [gone]])).seen).toEqual(['running 1', 'Problem: Gone']);
    expect((await played([{ rows_read: 1 }, [], gone])).seen).toEqual(['running 1', 'Problem: Gone']);
    expect((await played([new TypeError('down')])).seen).toEqual(['TypeError: down']);
  });

  test('one that has not begun is not waited for', async () => {
    expect((await played([{ state: 'uploaded', rows_read: 0 }])).seen).toEqual(['uploaded 0']);
  });
});
