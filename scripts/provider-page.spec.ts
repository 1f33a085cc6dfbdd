import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROVIDER_FACTS } from '../src/providers';
import { providerPage } from './provider-page';

describe.each(Object.values(PROVIDER_FACTS))('docs/providers/$provider.md', (page) => {
  const text = readFileSync(path.resolve(__dirname, `../docs/providers/${page.provider}.md`), 'utf8');

  it('is what the facts say', () => {
    expect(text).toBe(providerPage(page));
  });

  it('tells each fact once, with its certainty, what the adapter does and what happens if it is wrong', () => {
    for (const { id, words, certainty, adapter, ifWrong } of page.facts) {
      const [, ...sections] = text.split(`### \`${id}\`\n`);
      expect([id, sections.length]).toEqual([id, 1]);
      for (const told of [words, `**${certainty}**`, adapter, ifWrong])
        expect(sections[0]!.split('### ')[0]).toContain(told);
    }
  });
});
