/** How the file is read: sheet, delimiter and encoding, where it has them. */

import type { Choices, Preview } from '../api/imports.ts';
import { Select } from './parts.tsx';
import { DELIMITER_WORDS, ENCODING_WORDS } from './words.ts';

type ReadAs = Pick<Choices, 'sheet' | 'encoding' | 'delimiter'>;

interface FileReadingProps {
  readonly preview: Preview;
  readonly choices: Choices;
  readonly onChange: (change: ReadAs) => void;
}

export function FileReading({ preview: { sheets }, choices: { sheet, encoding, delimiter }, onChange }: FileReadingProps) {
  if (sheets.length < 2 && !encoding && !delimiter) return null;
  return (
    <section aria-label="The file" className="grid max-w-2xl gap-3 @md:grid-cols-2">
      {sheets.length > 1 && (
        <Choice label="Sheet" value={sheet} offered={sheets} onChoose={(value) => onChange({ sheet: value })} />
      )}
      {delimiter && (
        <Choice label="Columns are separated by" value={delimiter} offered={Object.keys(DELIMITER_WORDS)} words={DELIMITER_WORDS} onChoose={(value) => onChange({ delimiter: value })} />
      )}
      {encoding && <Choice label="Encoding" value={encoding} offered={Object.keys(ENCODING_WORDS)} words={ENCODING_WORDS} onChoose={(value) => onChange({ encoding: value })} />}
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | null | undefined;
  readonly offered: readonly string[];
  readonly words?: Readonly<Record<string, string>>;
  readonly onChoose: (value: string) => void;
}

function Choice({ label, value, offered, words = {}, onChoose }: ChoiceProps) {
  const all = value && !offered.includes(value) ? [value, ...offered] : offered;
  return (
    <Select label={label} value={value ?? ''} onChange={onChoose}>
      {all.map((each) => (
        <option key={each} value={each}>
          {words[each] ?? each}
        </option>
      ))}
    </Select>
  );
}
