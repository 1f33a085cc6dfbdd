import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './optional-programs';
import { freePort } from './ports';

const documented = path.resolve(__dirname, '../../docs/operations/rsyslog.conf');
const READY_MS = 10_000;

export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** An authority, and a certificate of it for this machine that serves both sides. */
export function makeCertificates(folder: string): Certificates {
  const [ca, caKey, cert, key] = ['ca.pem', 'ca.key', 'own.pem', 'own.key'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  const make = (...args: string[]): void => {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...args], {
      stdio: 'pipe',
    });
  };
  make('-keyout', caKey, '-out', ca, '-subj', '/CN=test authority');
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  make('-CA', ca, '-CAkey', caKey, '-keyout', key, '-out', cert, ...names, '-addext', 'basicConstraints=CA:FALSE');
  return { ca, cert, key };
}

/** A real rsyslog, configured as docs/operations/rsyslog.conf says, that can be killed and started again. */
export class TestRsyslog {
  private child: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    readonly file: string,
    private readonly command: string,
    private readonly folder: string,
  ) {}

  static async start(folder: string, { ca, cert, key }: Certificates): Promise<TestRsyslog> {
    const command = findProgram('rsyslog');
    if (!command) throw new Error('rsyslogd is not on the PATH');
    const port = await freePort();
    const file = path.join(folder, 'received.jsonl');
    const config = readFileSync(documented, 'utf8')
      .replace('/etc/interlock/ca.pem', ca)
      .replace('/etc/interlock/receiver.pem', cert)
      .replace('/etc/interlock/receiver.key', key)
      .replace('"6514"', `"${port}"`)
      .replace('/var/log/interlock-audit.jsonl', file);
    writeFileSync(path.join(folder, 'rsyslog.conf'), config);
    appendFileSync(file, '');
    const receiver = new TestRsyslog(port, file, command, folder);
    await receiver.startAgain();
    return receiver;
  }

  get size(): number {
    return statSync(this.file).size;
  }

  async startAgain(): Promise<void> {
    const at = (name: string): string => path.join(this.folder, name);
    this.child = spawn(this.command, ['-n', '-f', at('rsyslog.conf'), '-i', at(`rsyslog-${Date.now()}.pid`)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    this.child.stderr!.on('data', (text) => (said += String(text)));
    const deadline = Date.now() + READY_MS;
    while (!(await this.listens())) {
      if (this.child.exitCode !== null || Date.now() > deadline) throw new Error(`rsyslogd did not start: ${said}`);
      await sleep(10);
    }
  }

  /** kill -9. */
  async kill(): Promise<void> {
    if (this.child === null || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  private listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }
}
