import type { Client, Connection, Submittable } from 'pg';

/** A column of an answer, as the server describes it before it has run the statement. */
export interface DescribedColumn {
  readonly name: string;
  readonly dataTypeID: number;
  /** 0: an expression. */
  readonly tableID: number;
  readonly columnID: number;
}

export interface DescribedStatement {
  readonly parameters: readonly number[];
  readonly columns: readonly DescribedColumn[];
}

/**
 * Has the server parse and plan the names and types of a statement, and runs nothing. Rejects with what it says of a
 * wrong one.
 */
export function describeStatement(client: Client, text: string): Promise<DescribedStatement> {
  return new Promise((resolve, reject) => {
    const answer = { parameters: [] as number[], columns: [] as DescribedColumn[] };
    let failure: Error | undefined;
    let end = (): void => undefined;
    const query = {
      submit(connection: Connection): void {
        const wire = connection as unknown as Wire;
        const onParameters = ({ dataTypeIDs }: { dataTypeIDs: number[] }): void =>
          void (answer.parameters = dataTypeIDs);
        wire.on('parameterDescription', onParameters);
        end = () => wire.off('parameterDescription', onParameters);
        wire.parse({ name: '', text, types: [] });
        wire.describe({ type: 'S', name: '' });
        wire.sync();
      },
      handleRowDescription: ({ fields }: { fields: DescribedColumn[] }) => void (answer.columns = fields),
      handleError: (error: Error) => {
        failure = error;
      },
      handleReadyForQuery: () => {
        end();
        if (failure) reject(failure);
        else resolve(answer);
      },
    };
    client.query(query as unknown as Submittable);
  });
}

/** What node-postgres keeps out of its types. */
interface Wire {
  on(event: 'parameterDescription', heard: (message: { dataTypeIDs: number[] }) => void): void;
  off(event: 'parameterDescription', heard: (message: { dataTypeIDs: number[] }) => void): void;
  parse(message: { name: string; text: string; types: number[] }): void;
  describe(message: { type: 'S'; name: string }): void;
  sync(): void;
}
