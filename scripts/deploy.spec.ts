import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { root } from './drift';
import { readEnvExample } from './env-example';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const graceSeconds = Number(readEnvExample(read('.env.example'))['SHUTDOWN_GRACE_SECONDS']);

describe('docker-compose.production.yml', () => {
  interface Service {
    readonly read_only?: boolean;
    readonly user?: string;
    readonly cap_drop?: readonly string[];
    readonly env_file?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    readonly ports?: readonly string[];
    readonly stop_grace_period?: string;
    readonly networks?: readonly string[];
    readonly build?: unknown;
  }
  const { services, networks } = parse(read('docker-compose.production.yml'), { merge: true }) as {
    services: Record<string, Service>;
    networks: Record<string, { internal?: boolean }>;
  };
  const ours = ['api', 'worker', 'migrate'].map((name) => services[name]!);

  it('runs what production runs, and nothing for trying out', () => {
    expect(Object.keys(services)).toEqual(['api', 'worker', 'migrate', 'postgres', 'redis']);
    for (const { environment } of ours) {
      expect(environment!['NODE_ENV']).toBe('production');
      expect(Object.keys(environment!).filter((name) => /SANDBOX|DEV_|KMS_ENDPOINT|URL|KEY/.test(name))).toEqual([]);
    }
  });

  it('confines each process, and gives it longer than it takes to drain', () => {
    for (const service of ours) {
      expect(service).toMatchObject({
        read_only: true,
        user: '1000:1000',
        cap_drop: ['ALL'],
        env_file: ['interlock.env'],
      });
      expect(parseInt(service.stop_grace_period!, 10)).toBeGreaterThan(graceSeconds);
    }
  });

  it('publishes the API on loopback alone, and the stores nowhere', () => {
    expect(Object.values(services).flatMap(({ ports = [] }) => ports)).toEqual(['127.0.0.1:3000:3000']);
    expect(networks['stores']).toEqual({ internal: true });
    for (const name of ['postgres', 'redis']) expect(services[name]!.networks).toEqual(['stores']);
  });
});

describe('the units of systemd', () => {
  const folder = path.join(root, 'deploy/systemd');
  const units = readdirSync(folder).filter((name) => name.endsWith('.service'));
  const text = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  const setting = (name: string, key: string): string[] =>
    [...text(name).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);

  it('are one for each kind of process, and the migration before them', () => {
    expect(units).toEqual(['interlock-api.service', 'interlock-migrate.service', 'interlock-worker.service']);
    for (const name of ['interlock-api.service', 'interlock-worker.service']) {
      expect(setting(name, 'Requires')).toEqual(['interlock-migrate.service']);
      expect(Number(setting(name, 'TimeoutStopSec')[0])).toBeGreaterThan(graceSeconds);
    }
  });

  it.each(units)('%s is confined as the others are', (name) => {
    const from = (unit: string): string =>
      text(unit).split('# it writes to its state folder')[1]!.split('\n\n')[0]!.trim();
    expect(from(name)).toBe(from(units[0]!));
    for (const rule of [
      'ProtectSystem=strict',
      'NoNewPrivileges=true',
      'CapabilityBoundingSet=',
      'SystemCallFilter=@system-service',
    ])
      expect(from(name).split('\n')).toContain(rule);
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  (hasSystemd ? it : it.skip)('are what systemd can read', () => {
    const copies = mkdtempSync(path.join(os.tmpdir(), 'interlock-units-'));
    try {
      // it looks whether the program is there: Node may be elsewhere
      const files = units.map((name) => path.join(copies, name));
      files.forEach((file, index) =>
        writeFileSync(file, text(units[index]!).replaceAll('/usr/bin/node', process.execPath)),
      );
      const verify = (): string =>
        execFileSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8', stdio: 'pipe' });
      expect(verify()).toBe('');
      const { stderr } = (() => {
        writeFileSync(
          files[0]!,
          text(units[0]!).replace('Type=exec', 'Type=exek').replaceAll('/usr/bin/node', process.execPath),
        );
        return spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' });
      })();
      expect(stderr).toContain('exek');
    } finally {
      rmSync(copies, { recursive: true, force: true });
    }
  });
});
