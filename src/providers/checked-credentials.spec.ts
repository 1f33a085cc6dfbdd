import { InterlockError } from '../platform/errors';
import { BUILT_IN_CATALOGUE, BUILT_IN_IDS, CREDENTIAL_FIELDS } from './catalogue';
import { checkedCredentials } from './checked-credentials';

const good = { apiKey: 'k', baseUrl: 'https://api.example.com' };
const refusal = (provider: (typeof BUILT_IN_IDS)[number], change: object): unknown => {
  try {
    return checkedCredentials(BUILT_IN_CATALOGUE[provider], { ...good, ...change });
  } catch (error) {
    if (!(error instanceof InterlockError)) throw error;
    return error.fields;
  }
};

describe.each(BUILT_IN_IDS)('credentials of %s', (id) => {
  const { name, credentials } = BUILT_IN_CATALOGUE[id];
  const standards = Object.fromEntries(
    Object.entries(credentials).flatMap(([field, { default: standard }]) => (standard ? [[field, standard]] : [])),
  );

  it('come back without blanks around them, with what is standard', () => {
    expect(checkedCredentials(BUILT_IN_CATALOGUE[id], { apiKey: ' k ', baseUrl: `${good.baseUrl}\n` })).toEqual({
      ...good,
      ...standards,
    });
  });

  it('may hold null for what is left out', () => {
    const nulls = Object.fromEntries(Object.keys(standards).map((field) => [field, null]));
    expect(refusal(id, nulls)).toEqual({ ...good, ...standards });
  });

  it.each(Object.keys(CREDENTIAL_FIELDS))('take %s only where the published schema has it', (field) => {
    const rules = refusal(id, { [field]: 7 });
    const expected = field in credentials ? 'must be a string' : `is not a field of ${name} credentials`;
    expect(rules).toEqual({ [`credentials.${field}`]: [expected] });
  });

  it.each([
    [
      { apiKey: undefined, baseUrl: undefined },
      { apiKey: 'is required', baseUrl: 'is required' },
    ],
    [{ apiKey: null }, { apiKey: 'is required' }],
    [
      { apiKey: '  ', baseUrl: '' },
      { apiKey: 'must not be empty', baseUrl: 'must not be empty' },
    ],
    [{ apiKey: 'a\r\nx-other: 1' }, { apiKey: 'must be printable ASCII' }],
    [{ apiKey: 'kéy' }, { apiKey: 'must be printable ASCII' }],
    [{ apiKey: 'é'.repeat(513) }, { apiKey: 'must be shorter than or equal to 512 characters' }],
    [
      { apiKey: ['k'], baseUrl: {} },
      { apiKey: 'must be a string', baseUrl: 'must be a string' },
    ],
    [{ baseUrl: 'clinic.practicehub.io' }, { baseUrl: 'must be a well-formed URL' }],
    [{ baseUrl: 'not a url' }, { baseUrl: 'must be a well-formed URL' }],
    [{ password: 'x' }, { password: `is not a field of ${name} credentials` }],
  ])('with %j are refused by one rule a field', (change, expected) => {
    const rules = Object.entries(expected).map(([field, rule]) => [`credentials.${field}`, [rule]]);
    expect(refusal(id, change)).toEqual(Object.fromEntries(rules));
  });
});

it.each([
  [{ appName: 'Rev=Keen' }, 'must be printable ASCII without ='],
  [{ appName: 'Rev\nKeen' }, 'must be printable ASCII without ='],
  [{ appEmail: 'nobody' }, 'must be an e-mail address'],
  [{ appEmail: 'no=body@clinic.test' }, 'must be printable ASCII without ='],
])('PracticeHub is not told %j in a header that has a form', (change, rule) => {
  expect(refusal('practicehub', change)).toEqual({ [`credentials.${Object.keys(change)[0]}`]: [rule] });
});

it('a field has the name that the request gives it', () => {
  const check = () =>
    checkedCredentials(BUILT_IN_CATALOGUE.practicehub, { ...good, appEmail: 'nobody' }, (field) => `my.${field}`);
  expect(check).toThrow(expect.objectContaining({ fields: { 'my.appEmail': ['must be an e-mail address'] } }));
});
