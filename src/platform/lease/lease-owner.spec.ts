import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BESIDE_US, hasEnded, leaseOwner } from './lease-owner';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the owner of a lease', () => {
  const children: ChildProcess[] = [];
  const start = async (): Promise<ChildProcess> => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    children.push(child);
    await once(child, 'spawn');
    return child;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  afterAll(() => Promise.all(children.map(end)));

  it('has not ended while it runs, frozen or not', async () => {
    const child = await start();
    const owner = leaseOwner(child.pid);
    expect(hasEnded(owner)).toBe(false);
    child.kill('SIGSTOP');
    expect(hasEnded(owner)).toBe(false);
    expect(hasEnded(leaseOwner())).toBe(false);
  });

  it('has ended when it was killed', async () => {
    const child = await start();
    const owner = leaseOwner(child.pid);
    await end(child);
    expect(hasEnded(owner)).toBe(true);
  });

  it('has ended when its number is another one’s', () => {
    const owner = leaseOwner();
    expect(hasEnded(owner.replace(/\d+$/, '1'))).toBe(true);
  });

  it('has ended when only its parent has yet to take note of it', async () => {
    // a shell that starts a process, and never waits for it
    const shell = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(shell);
    const [said] = (await once(shell.stdout!, 'data')) as [Buffer];
    const pid = Number(said.toString());
    const owner = leaseOwner(pid);
    // until then it is still a shell, which does take note
    while (readFileSync(`/proc/${shell.pid}/comm`, 'utf8') !== 'sleep\n') await sleep(5);
    process.kill(pid, 'SIGKILL');
    await sleep(200);
    expect(() => process.kill(pid, 0)).not.toThrow();
    expect(hasEnded(owner)).toBe(true);
  });

  it.each([
    ['of another boot', (owner: string) => owner.replace(/@.{8}/, '@00000000')],
    ['of another namespace of process ids', (owner: string) => owner.replace(/\/(\d+)\/(\d+)\/(\d+)$/, '/1/$2/$3')],
    ['that says nothing of its machine', (owner: string) => owner.replace(/@.*$/, '')],
    ['of a former release', () => 'host/1/abcdef01'],
    ['that is nothing', () => ''],
  ])('cannot be known to have ended: one %s', async (_, changed) => {
    const child = await start();
    const owner = changed(leaseOwner(child.pid));
    await end(child);
    expect(hasEnded(owner)).toBe(false);
  });

  it('is found among those beside us', () => {
    const [before, behind] = BESIDE_US!.slice(1, -1).split('%');
    expect(behind).toBeUndefined();
    expect(leaseOwner()).toContain(before!);
  });
});
