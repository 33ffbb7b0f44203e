/** The first rows of the file, as they stand in it. */

import type { Preview } from '../api/imports.ts';

export function FirstRows({ preview: { columns, rows } }: { readonly preview: Preview }) {
  return (
    <section aria-label="First rows" className="space-y-2">
      <h3 className="text-base font-semibold">First rows of the file</h3>
      {rows.length === 0 ? (
        <p className="text-sm text-muted">The file has a heading and no rows.</p>
      ) : (
        <div tabIndex={0} role="group" aria-label="First rows of the file" className="max-h-80 overflow-auto rounded-panel border border-line">
          <table className="numbers text-left text-xs">
            <thead className="sticky top-0 bg-panel">
              <tr>
                {columns.map(({ source, heading }) => (
                  <th key={source} className="max-w-52 truncate border-b border-line px-2 py-1.5 font-medium">
                    {heading}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((cells, index) => (
                <tr key={index} className="border-b border-line last:border-0">
                  {columns.map(({ source }) => (
                    <td key={source} className="max-w-52 truncate px-2 py-1" title={cells[source]}>
                      {cells[source]}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
