/** Names for the ids in cells, from the workspace's people and the linked lists; new whenever one is learned. */

import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';

import { type Member, membersQuery } from '../api/queries.ts';
import type { NamedPerson, Names } from '../cells/names.ts';
import { LinkNames } from './link-names.ts';

const NOBODY: readonly Member[] = [];

export function useNames(workspaceId: string): { readonly names: Names; readonly links: LinkNames } {
  const [links] = useState(() => new LinkNames());
  const [learned, setLearned] = useState(0);
  const { data: members = NOBODY } = useQuery(membersQuery(workspaceId));
  useEffect(() => links.subscribe(() => setLearned((count) => count + 1)), [links]);
  const names = useMemo((): Names => {
    const people = new Map<string, NamedPerson>(members.map(({ user_id: id, name, hue }) => [id, { id, name, hue }]));
    return { people, row: links.name, findRow: links.find };
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `learned` stands for the names that `links` holds
  }, [members, links, learned]);
  return { names, links };
}
