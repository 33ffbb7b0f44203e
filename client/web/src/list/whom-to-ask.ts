/** Who in a workspace can give rights, by name. */

import { useQuery } from '@tanstack/react-query';
import { allows } from '@rowhouse/sdk';

import { type Member, membersQuery } from '../api/queries.ts';

const NAMED_MAX = 2;

/** Names up to two people who may change roles; in general words where nobody is known. */
export function whomToAsk(members: readonly Member[], self: string | undefined): string {
  const able = members.filter(({ role, user_id }) => allows(role, 'members.manage') && user_id !== self);
  return able.length > 0 ? able.slice(0, NAMED_MAX).map(({ name }) => name).join(' or ') : 'an owner or admin of its workspace';
}

export function useWhomToAsk(workspaceId: string, self: string | undefined): string {
  const { data = [] } = useQuery(membersQuery(workspaceId));
  return whomToAsk(data, self);
}
