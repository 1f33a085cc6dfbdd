import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readEnvExample } from '../../../scripts/env-example';
import { DEFAULTS } from './defaults';
import { listConfiguration } from './list-config';
import { ConfigurationError } from './load-config';

const example = readFileSync(path.resolve(__dirname, '../../../.env.example'), 'utf8');
const of = (environment: NodeJS.ProcessEnv, variable: string) =>
  listConfiguration(environment).find((line) => line.variable === variable);

describe('the defaults', () => {
  it('are those of .env.example', () => {
    const values = readEnvExample(example);
    const shown = Object.keys(values).filter((name) => example.includes(`\n${name}=`));
    expect(Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, String(value)]))).toEqual(
      Object.fromEntries(shown.map((name) => [name, values[name]])),
    );
  });
});

describe('the list of the configuration', () => {
  it('says where a value comes from', () => {
    expect(of({ PORT: '4000' }, 'PORT')).toEqual({ variable: 'PORT', value: '4000', source: 'environment' });
    expect(of({ PORT: '' }, 'PORT')).toEqual({ variable: 'PORT', value: '3000', source: 'default' });
    expect(of({}, 'REDIS_URL')).toEqual({ variable: 'REDIS_URL', value: null, source: 'unset' });
    const production = { NODE_ENV: 'production', DATABASE_URL: 'embedded', KMS_KEY_ID: 'local' };
    expect(of(production, 'SANDBOX_PROVIDERS')).toMatchObject({ value: 'false', source: 'default' });
  });

  it.each([
    [
      'DATABASE_URL',
      'postgres://canary:canary@db.internal:5432/interlock?sslmode=require&password=canary',
      'postgres://***@db.internal:5432/interlock?***',
    ],
    ['REDIS_URL', 'rediss://:can@ary@queue.internal:6379', 'rediss://***@queue.internal:6379'],
    [
      'REDIS_URL',
      'redis+sentinel://u:canary@a:26379,b/main?sentinel_password=canary',
      'redis+sentinel://***@a:26379,b/main?***',
    ],
    ['UNKEY_ROOT_KEY', 'unkey_canary', '***'],
    ['LOCAL_KEYRING', `1:${Buffer.alloc(32, 'canary').toString('base64')}`, '***'],
    ['KMS_KEY_ID', 'alias/interlock', 'alias/interlock'],
  ])('shows no secret in %s', (variable, value, shown) => {
    expect(of({ [variable]: value }, variable)).toEqual({ variable, value: shown, source: 'environment' });
  });

  it('is none where the environment is not valid', () => {
    expect(() => listConfiguration({ PORT: 'canary' })).toThrow(ConfigurationError);
  });
});
