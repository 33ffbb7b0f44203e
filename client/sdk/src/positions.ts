/** Fractional positions, compared by code unit as the server and its database compare them. */

/** Orders two things by position, then by id, both by code unit. */
export function comparePlaces(position: string, id: string, otherPosition: string, otherId: string): number {
  if (position !== otherPosition) return position < otherPosition ? -1 : 1;
  return id < otherId ? -1 : id > otherId ? 1 : 0;
}
