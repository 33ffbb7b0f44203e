/** What would come of a conversion: counts, values that do not convert with their reasons, options that would be made. */

import type { ConversionPreview } from '../api/conversions.ts';
import { forecastWords, lossWords, optionWords, troubleWords } from './words.ts';

interface PreviewViewProps {
  readonly preview: ConversionPreview | undefined;
  readonly looking: boolean;
  readonly error: Error | null;
  readonly onRetry: () => void;
  readonly rowName: (row: string) => string | null;
}

export function PreviewView({ preview, looking, error, onRetry, rowName }: PreviewViewProps) {
  return (
    <div data-testid="conversion-preview" className="flex min-h-24 flex-1 flex-col gap-2 overflow-hidden text-sm">
      <div role="status">
        {looking ? <p className="appear text-muted">Looking at every value…</p> : preview && !error && <Forecast preview={preview} />}
      </div>
      {error && !looking && (
        <div role="alert" className="flex flex-col items-start gap-1 rounded-control bg-warning-tint px-3 py-2">
          <p>{troubleWords(error)}</p>
          <button type="button" className="control border border-line" onClick={onRetry}>
            Look again
          </button>
        </div>
      )}
      {preview && !error && preview.samples.length > 0 && <Losses preview={preview} rowName={rowName} />}
    </div>
  );
}

function Forecast({ preview }: { readonly preview: ConversionPreview }) {
  const options = optionWords(preview.new_options);
  return (
    <>
      <p className="font-medium">{forecastWords(preview)}</p>
      {preview.lost > 0 && <p className="text-muted">{lossWords(preview)}</p>}
      {options && <p className="text-muted">{options}</p>}
    </>
  );
}

function Losses({ preview: { samples, lost }, rowName }: { readonly preview: ConversionPreview; readonly rowName: PreviewViewProps['rowName'] }) {
  const caption = samples.length < lost ? `What does not convert: ${samples.length.toLocaleString()} of ${lost.toLocaleString()}` : 'What does not convert';
  return (
    <section tabIndex={0} aria-label={caption} className="min-h-24 flex-1 overflow-y-auto rounded-panel border border-line">
      <table className="w-full text-left">
        <caption className="px-3 py-2 text-left text-xs text-muted">{caption}</caption>
        <thead className="sr-only">
          <tr>
            <th>Row</th>
            <th>Value</th>
            <th>Reason</th>
          </tr>
        </thead>
        <tbody>
          {samples.map(({ row, value, reason }) => (
            <tr key={row} className="border-t border-line align-top">
              <th scope="row" className="max-w-40 truncate px-3 py-1 font-normal text-muted">
                {rowName(row) ?? 'A row still to be read'}
              </th>
              <td className="max-w-48 truncate px-3 py-1 font-medium" title={value}>
                {value}
              </td>
              <td className="px-3 py-1 text-muted">{reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
