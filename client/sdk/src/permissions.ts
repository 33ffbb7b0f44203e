/**
 * What a role may do, as far as the client shows or hides it.
 *
 * A mirror of the server's permission table: it decides what is offered, never what is accepted. A test compares
 * it cell by cell with the page that is generated from the server's table.
 */

export type Role = 'owner' | 'admin' | 'editor' | 'member';

export const ROLES: readonly Role[] = ['owner', 'admin', 'editor', 'member'];

/** What the table says of one role and one action; `own`: what the person wrote or began, `switch`: where the workspace has it on. */
export type Cell = 'yes' | 'no' | 'own' | 'below' | 'switch' | 'read';

type Row = Readonly<Record<Role, Cell>>;

const row = (owner: Cell, admin: Cell, editor: Cell, member: Cell): Row => ({ owner, admin, editor, member });

const OWNER = row('yes', 'no', 'no', 'no');
const ADMINS = row('yes', 'yes', 'no', 'no');
const EDITORS = row('yes', 'yes', 'yes', 'no');
const EVERYONE = row('yes', 'yes', 'yes', 'yes');
const OWN = row('own', 'own', 'own', 'own');

export const PERMISSIONS = {
  'workspace.delete': OWNER,
  'owners.manage': OWNER,
  'workspace.update': ADMINS,
  'members.manage': row('below', 'below', 'no', 'no'),
  'membership.lower': OWN,
  'lists.manage': ADMINS,
  'columns.manage': ADMINS,
  'locked_columns.edit': ADMINS,
  'audit.read': ADMINS,
  'webhooks.manage': ADMINS,
  'reporting.manage': ADMINS,
  'trash.purge': ADMINS,
  'state.restore': ADMINS,
  'rows.edit': EDITORS,
  import: EDITORS,
  'files.attach': EDITORS,
  'views.share': EDITORS,
  'locked_views.edit': ADMINS,
  'views.private': EVERYONE,
  'comments.write': EVERYONE,
  'comments.edit': OWN,
  'comments.resolve': row('yes', 'yes', 'yes', 'own'),
  'comments.delete': row('yes', 'yes', 'own', 'own'),
  'lists.read': EVERYONE,
  presence: EVERYONE,
  export: row('yes', 'yes', 'yes', 'switch'),
  'keys.manage': row('yes', 'yes', 'yes', 'read'),
} as const;

export type Action = keyof typeof PERMISSIONS;

/** Tells whether `role` may do `action`; `own` says that it concerns what is the person's own, `switchedOn` that the workspace allows it. */
export function allows(role: Role, action: Action, { own = false, switchedOn = false } = {}): boolean {
  const cell: Cell = PERMISSIONS[action][role];
  return cell === 'own' ? own : cell === 'switch' ? switchedOn : cell !== 'no';
}

/** Tells whether `text` names a role. */
export function isRole(text: unknown): text is Role {
  return ROLES.includes(text as Role);
}
