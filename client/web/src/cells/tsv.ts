/** Tab-separated text as spreadsheets put it on the clipboard: cells with tabs, line ends or quotes are quoted. Pure. */

const DELIMITER = /\t|\r?\n/g;

/** At `start` stands a quote: returns the quoted cell's text and where it ends, or `null` when the quote is plain text. */
function quoted(text: string, start: number): { readonly cell: string; readonly end: number } | null {
  let cell = '';
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] !== '"') cell += text[index];
    else if (text[index + 1] === '"') {
      cell += '"';
      index += 1;
    } else return /^(\t|\r?\n|$)/.test(text.slice(index + 1, index + 3)) ? { cell, end: index + 1 } : null;
  }
  return null;
}

function plainEnd(text: string, start: number): number {
  DELIMITER.lastIndex = start;
  return DELIMITER.exec(text)?.index ?? text.length;
}

/** Reads the rows and cells of a text; the line end after the last row makes no row of its own. */
export function parseTsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let index = 0;
  while (index <= text.length) {
    const inQuotes = text[index] === '"' ? quoted(text, index) : null;
    const end = inQuotes?.end ?? plainEnd(text, index);
    rows.at(-1)?.push(inQuotes?.cell ?? text.slice(index, end));
    index = end;
    if (text[index] === '\t') index += 1;
    else if (index >= text.length) break;
    else {
      index += text[index] === '\r' ? 2 : 1;
      if (index >= text.length) break;
      rows.push([]);
    }
  }
  return rows;
}

/** Writes rows of cells; what would be misread is quoted. */
export function formatTsv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => (/[\t\r\n]|^"/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((cells) => cells.map(cell).join('\t')).join('\n');
}
