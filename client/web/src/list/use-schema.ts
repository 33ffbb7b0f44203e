/** The columns of the list on screen, as they are now. */

import type { ListDocument, ListSchema } from '@rowhouse/sdk';
import { useCallback, useSyncExternalStore } from 'react';

export function useSchema(document: ListDocument): ListSchema {
  const subscribe = useCallback((changed: () => void) => document.subscribe(({ schema }) => schema && changed()), [document]);
  return useSyncExternalStore(subscribe, () => document.schema);
}
