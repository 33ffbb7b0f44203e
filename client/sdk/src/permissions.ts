/**
 * What a role may do in a list, as far as the client shows or hides it.
 *
 * A mirror of the server's permission table: it decides what is offered, never what is accepted. A test compares
 * it with the server's table row by row.
 */

export type Role = 'owner' | 'admin' | 'editor' | 'member';

export const ROLES: readonly Role[] = ['owner', 'admin', 'editor', 'member'];

const ADMINS: ReadonlySet<Role> = new Set(['owner', 'admin']);
const EDITORS: ReadonlySet<Role> = new Set(['owner', 'admin', 'editor']);
const EVERYONE: ReadonlySet<Role> = new Set(ROLES);

export const PERMISSIONS = {
  'lists.manage': ADMINS,
  'columns.manage': ADMINS,
  'locked_columns.edit': ADMINS,
  'members.manage': ADMINS,
  'rows.edit': EDITORS,
  'comments.write': EVERYONE,
  'lists.read': EVERYONE,
  presence: EVERYONE,
} as const;

export type Action = keyof typeof PERMISSIONS;

/** Tells whether `role` may do `action`. */
export function allows(role: Role, action: Action): boolean {
  return PERMISSIONS[action].has(role);
}

/** Tells whether `text` names a role. */
export function isRole(text: unknown): text is Role {
  return ROLES.includes(text as Role);
}
