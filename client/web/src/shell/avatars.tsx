/** Who is in the list: one avatar per person, however many windows they have open. */

import type { Peer, User } from '@rowhouse/sdk';

import { initials } from '../cells/face.ts';
import { type Mode, personSwatch } from '../look/palette.ts';

const SHOWN_MAX = 5;

interface Present {
  readonly user: User;
  readonly editing: boolean;
}

/** Folds windows into people, the person themself first. */
export function peopleOf(self: User | null, peers: readonly Peer[]): Present[] {
  const people = new Map<string, Present>();
  if (self) people.set(self.id, { user: self, editing: false });
  for (const { user, cursor } of peers) {
    people.set(user.id, { user, editing: cursor?.editing === true || people.get(user.id)?.editing === true });
  }
  return [...people.values()];
}

export function Avatars({ self, peers, mode }: { readonly self: User | null; readonly peers: readonly Peer[]; readonly mode: Mode }) {
  const people = peopleOf(self, peers);
  const rest = people.slice(SHOWN_MAX);
  return (
    <ul data-testid="avatars" aria-label="People in this list" className="flex items-center gap-0.5">
      {people.slice(0, SHOWN_MAX).map(({ user, editing }) => (
        <Avatar key={user.id} user={user} mode={mode} note={user.id === self?.id ? ' (you)' : editing ? ', editing' : ''} />
      ))}
      {rest.length > 0 && (
        <li title={rest.map(({ user }) => user.name).join(', ')} className="grid size-6 place-items-center rounded-full bg-hover text-[10px] font-semibold ring-2 ring-page">
          +{rest.length}
        </li>
      )}
    </ul>
  );
}

function Avatar({ user, mode, note }: { readonly user: User; readonly mode: Mode; readonly note: string }) {
  const { surface, ink } = personSwatch(mode, user.hue);
  return (
    <li
      title={user.name + note}
      aria-label={user.name + note}
      data-user={user.id}
      className="grid size-6 place-items-center rounded-full text-[10px] font-semibold ring-2 ring-page select-none"
      style={{ background: surface, color: ink }}
    >
      {initials(user.name)}
    </li>
  );
}
