import type { Account } from '../account';
import { Draw } from '../random';
import type { SandboxRow } from '../table';
import { decimalOf } from './practicehub-money';
import type { PracticeHubRows } from './practicehub-resource';
import { practicehubVariant } from './practicehub-variants';

const names = ['Wellness pass', 'Ten visits', 'Family care', 'Sports recovery', 'Monthly plan'] as const;
const shared = 0.25;

/** What a patient, or several together, have bought: `balance` is left to use, `package_balance` is paid − price. */
export const patientPackageRows: PracticeHubRows = {
  make(account, ordinal) {
    const draw = new Draw(account.seedOf('patient_packages', ordinal));
    const visits = draw.pick([5, 10, 12, 20] as const);
    const left = draw.whole(0, visits);
    const pricePence = draw.whole(8, 40) * visits * 100;
    const owedPence = draw.chance(0.2) ? pricePence / 2 : 0;
    const money = moneyOf(account);
    return {
      ...holdersOf(account, draw),
      name: draw.pick(names),
      package_type: draw.pick(['visits', 'membership'] as const),
      active: draw.chance(0.8) ? 1 : 0,
      visits,
      visits_left: left,
      price: money(pricePence),
      balance: money((pricePence / visits) * left),
      ...owingOf(account),
      package_balance: money(-owedPence),
    };
  },
  mutate(row) {
    row['visits_left'] = Math.max(0, Number(row['visits_left']) - 1);
    row['active'] = row['active'] === 1 ? 0 : 1;
  },
};

function holdersOf(account: Account, draw: Draw): SandboxRow {
  const patients = Math.max(1, account.size('patients'));
  const owner = draw.whole(1, patients);
  const several = draw.chance(shared);
  const others = draw.whole(1, 2);
  // Neighbours, so that nobody holds one package twice.
  const holders = Array.from(
    { length: several ? Math.min(patients, 1 + others) : 1 },
    (_, at) => ((owner - 1 + at) % patients) + 1,
  );
  const subscribed = holders.map((holder) => ({ patient_id: String(holder) }));
  const form = practicehubVariant(account, 'packageHolders');
  if (form === 'subscribed') return { patient_id: null, subscribed_patients: subscribed };
  if (form === 'patient_id') return { patient_id: String(owner), subscribed_patients: [] };
  return { patient_id: subscribed.length > 1 ? null : String(owner), subscribed_patients: subscribed };
}

function moneyOf(account: Account): (pence: number) => unknown {
  return practicehubVariant(account, 'packageMoney') === 'string' ? decimalOf : (pence) => pence / 100;
}

function owingOf(account: Account): SandboxRow {
  const form = practicehubVariant(account, 'packageOwing');
  return form === 'absent' ? {} : { owing: form === 'null' ? null : '' };
}
