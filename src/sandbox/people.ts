import type { Draw } from './random';

/** Made-up people. Names carry apostrophes and letters beyond ASCII, as real ones do. */
export const firstNames = [
  'Amelia',
  'Oliver',
  'Zoë',
  'Noah',
  'Siobhán',
  'Arjun',
  'Łucja',
  'Mateo',
  'Grace',
  'Kwame',
  'Ingrid',
  'Yusuf',
  'Chloé',
  'Hiro',
  'Beatriz',
  'Dmitri',
  'Aoife',
  'Samuel',
  'Nadia',
  'Tom',
] as const;

export const lastNames = [
  "O'Brien",
  'Smith',
  'Müller',
  'Nguyen',
  'Kowalski',
  'García',
  'Patel',
  'Jones',
  'Ødegård',
  'Okafor',
  'Rossi',
  "D'Angelo",
  'Williams',
  'Tanaka',
  'Haddad',
  'Novák',
  'Brown',
  'Silva-Costa',
  'Taylor',
  'van der Berg',
] as const;

const streets = ['High Street', 'Mill Lane', 'Station Road', 'Church Walk', 'Kings Avenue', 'Park View'] as const;
const towns = ['Leeds', 'Bristol', 'Cardiff', 'Glasgow', 'Norwich', 'Exeter', 'Derby', 'Bath'] as const;

export interface Person {
  firstName: string;
  lastName: string;
  email: string | null;
  phone: string | null;
  street: string;
  town: string;
  postcode: string;
}

/** One person; `ordinal` keeps the addresses of a list apart. Some have no e-mail address, some no telephone. */
export function drawPerson(draw: Draw, ordinal: number): Person {
  const firstName = draw.pick(firstNames);
  const lastName = draw.pick(lastNames);
  return {
    firstName,
    lastName,
    email: draw.chance(0.03) ? null : `person${ordinal}@example.com`,
    phone: draw.chance(0.05) ? null : `07700 ${900000 + (ordinal % 100000)}`,
    street: `${draw.whole(1, 240)} ${draw.pick(streets)}`,
    town: draw.pick(towns),
    postcode: `AB${draw.whole(1, 39)} ${draw.whole(1, 9)}CD`,
  };
}
