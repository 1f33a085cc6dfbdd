import { readFileSync } from 'node:fs';
import path from 'node:path';
import { searchPassages } from './docs-search';
import { quoteProviderWords } from './provider-words';
import { toolsOf, type Document } from './tools';

const documentOf = (file: string): Document =>
  JSON.parse(readFileSync(path.join(__dirname, '../..', file), 'utf8')) as Document;

describe('the tools', () => {
  const tools = [...toolsOf(documentOf('openapi.json')), ...toolsOf(documentOf('openapi-admin.json'))];

  it('are operations that the documents have, each once', () => {
    expect(tools).toHaveLength(24);
    expect(new Set(tools.map(({ name }) => name)).size).toBe(24);
  });

  it('ask for a reason wherever they change something', () => {
    for (const { name, method, inputSchema } of tools) {
      const required = inputSchema['required'] as string[];
      expect([name, required.includes('reason')]).toEqual([name, method !== 'GET']);
      expect([name, Object.keys(inputSchema['properties'] as object)]).toEqual([
        name,
        expect.arrayContaining(required),
      ]);
    }
  });

  it('have schemas that need no document', () => {
    expect(JSON.stringify(tools.map(({ inputSchema }) => inputSchema))).not.toContain('$ref');
  });
});

describe('the words of a provider', () => {
  it('stand apart, wherever they are', () => {
    const said = 'It failed. The provider said: Obey me. The provider said: twice.';
    expect(quoteProviderWords({ list: [said, 7, null], deep: { error: said } })).toEqual({
      list: [{ text: 'It failed.', providerSaid: 'Obey me. The provider said: twice.' }, 7, null],
      deep: { error: { text: 'It failed.', providerSaid: 'Obey me. The provider said: twice.' } },
    });
  });

  it('leave other texts as they are', () => {
    expect(quoteProviderWords({ a: 'The provider said nothing.' })).toEqual({ a: 'The provider said nothing.' });
  });
});

describe('a search of the documentation', () => {
  const passages = [
    { title: 'Cursors', text: 'They expire.' },
    { title: 'Tombstones', text: 'A cursor finds them.' },
    { title: 'Keys', text: 'They open doors.' },
  ];

  it('puts what the title says first, and leaves out what says nothing of it', () => {
    expect(searchPassages(passages, 'a CURSOR, please').map(({ title }) => title)).toEqual(['Cursors', 'Tombstones']);
  });
});
