import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source';
import { pipelined, sqlOf, UnitOfWork, type Tx } from '../../src/platform/database';
import { migratedDatabase, type TestDatabase } from '../support/database';

/** ADR 0013. */
describe('a unit of work whose statements travel together', () => {
  let database: TestDatabase;
  let source: DataSource;
  let work: UnitOfWork;
  beforeAll(async () => {
    database = await migratedDatabase();
    source = await new DataSource(dataSourceOptions({ url: database.url, poolSize: 2 })).initialize();
    work = new UnitOfWork(source);
    await source.query('CREATE TABLE noted (what text PRIMARY KEY)');
  });
  afterAll(async () => {
    await source?.destroy();
    await database?.drop();
  });

  const note = (tx: Tx, what: string) => sqlOf(tx).execute('INSERT INTO noted VALUES ($1)', [what]);
  const noted = async () => (await source.query<{ what: string }[]>('TABLE noted')).map(({ what }) => what);

  it('keeps nothing when one fails, and names what failed first and not what followed from it', async () => {
    const several = async (tx: Tx): Promise<void> => {
      await note(tx, 'several, 1');
      await note(tx, 'several, 2');
    };
    const failing = work.run((tx) => pipelined(several(tx), sqlOf(tx).query('SELECT 1 / 0'), note(tx, 'behind it')));
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    expect(await noted()).toEqual([]);
    await work.run((tx) => pipelined(note(tx, 'a'), note(tx, 'b')));
    expect(await noted()).toEqual(['a', 'b']);
  });

  it('lets nothing run behind its end: a part that is not a statement waits for those on their way', async () => {
    const slow = async (tx: Tx): Promise<void> => {
      await sqlOf(tx).query('SELECT pg_sleep(0.1)');
      await note(tx, 'too late');
    };
    await expect(work.run((tx) => pipelined(slow(tx), Promise.reject(new Error('no'))))).rejects.toThrow('no');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await noted()).not.toContain('too late');
  });

  it('is refused at its commit when it goes on after a statement that failed', async () => {
    const going = work.run(async (tx) => {
      await note(tx, 'c');
      await sqlOf(tx)
        .query('SELECT 1 / 0')
        .catch(() => undefined);
    });
    await expect(going).rejects.toThrow('The transaction had failed before its commit.');
    expect(await noted()).not.toContain('c');
  });
});
