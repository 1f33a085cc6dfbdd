import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandLine, CommandLineError, wholeNumber } from './command-line';
import { root } from './drift';

describe('a command line', () => {
  const options = { seed: { type: 'string' }, json: { type: 'boolean' } } as const;
  const read = (...args: string[]) => ({ ...commandLine('the usage', { args, options }).values });

  it('is read', () => {
    expect(read('--seed', '1', '--json')).toEqual({ seed: '1', json: true });
  });

  it('with --help prints the usage, wherever it stands, and ends the process', () => {
    const said = jest.spyOn(console, 'log').mockReturnValue();
    const exit = jest.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`ended with ${code}`);
    });
    try {
      expect(() => read('--seed', '1', '--help')).toThrow('ended with 0');
      expect(said.mock.calls).toEqual([['the usage']]);
    } finally {
      said.mockRestore();
      exit.mockRestore();
    }
  });

  it.each([[['--other']], [['--seed']], [['--json=1']], [['name']]])('%j is refused, and told the usage', (args) => {
    expect(() => read(...args)).toThrow(CommandLineError);
    expect(() => read(...args)).toThrow('the usage');
  });

  it.each(['', ' ', 'many', '1.5', '2', '-3', '1e99'])('has no %j where a whole number from 3 belongs', (text) => {
    expect(() => wholeNumber('runs', text, 3)).toThrow('--runs needs a whole number from 3.');
  });

  it.each(['3', '4'])('has a %s there', (text) => {
    expect(wholeNumber('runs', text, 3)).toBe(Number(text));
  });
});

it.each([
  ['chaos', '--no-such-option', '1'],
  ['chaos', 'nothing', ''],
  ['mutants', '--no-such-option', '1'],
  ['scale', '--no-such-option', '1'],
  ['bench', '--no-such-option', '1'],
  ['bench', 'nothing', ''],
  ['fuzz', '--no-such-option', '1'],
])(
  'npm run %s -- %s %s is refused with the usage, and starts nothing',
  async (name, ...words) => {
    const args = ['-r', './scripts/register.cjs', `scripts/${name}.ts`, ...words.filter(Boolean)];
    const child = spawn(process.execPath, args, { cwd: root });
    const said = { out: '', error: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.error += text));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, out: said.out }).toEqual({ code: 2, out: '' });
    expect(said.error).toContain(words[0]);
    expect(said.error).toContain(`npm run ${name}`);
  },
  60_000,
);
