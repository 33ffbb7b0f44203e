/** What column types are called. */

import type { ColumnType } from '@rowhouse/sdk';

export const TYPE_WORDS: Partial<Record<ColumnType, string>> = {
  text: 'Text', long_text: 'Long text', number: 'Number', percent: 'Percent', currency: 'Currency', rating: 'Rating', duration: 'Duration',
  checkbox: 'Checkbox', date: 'Date', datetime: 'Date and time', select: 'Choice', multi_select: 'Several choices', email: 'E-mail',
  phone: 'Phone', url: 'Web address', user: 'Person', users: 'People', link: 'Link to another list',
};
