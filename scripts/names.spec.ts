import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '..', 'src');
/** The console is a program of its own, with its own names for what it shows. */
const OTHER_PROGRAMS = ['admin/console/', 'database/migrations/'];
const DECLARED = /^export (?:abstract )?(?:async )?(?:const|function|class|interface|type|enum) (\w+)/gm;
/**
 * Words that the field does not use, or that had several senses here; docs/glossary.md has those that took their place.
 */
const NOT_OURS =
  /\b(?:judg\w*|nobodys|doomed|\w*Patience|EndedTokens|KeyUse|SlotShare|SyncVisibility\w*|IntegrationSlot|CurrentSlot|together\(|AuditAct|KeyAct|\w+Acts\b|(?:rotation|secret)Act\b|[hH]anded_?[bB]ack|[hH]ands? back|DatabaseTrouble|FiguresFor\w*|AuditVerdict|BodyShare|settle(?:sDeletions|ment)|slot: IntegrationKey|TroubleList\w*|\w*Figures\b(?!\.)|HAND_BACK\w*|verdict: Headline)/g;

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => /\.tsx?$/.test(file) && !OTHER_PROGRAMS.some((folder) => file.startsWith(folder)));
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const tests = readdirSync(path.resolve(root, '../test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('api-types.ts'))
  .map((file) => `../test/${file}`);
/** Members and columns that are stored under a name keep it. */
const STORED = /\bscan\.judged\b|\bjudged: (?:boolean|true|false)\b|judge_?[aA]fter\b/g;

describe('the names of src', () => {
  it('stand for one thing each, where they are exported', () => {
    const places = new Map<string, string[]>();
    for (const file of files.filter((each) => !each.endsWith('.spec.ts'))) {
      for (const [, name] of textOf(file).matchAll(DECLARED)) places.set(name!, [...(places.get(name!) ?? []), file]);
    }
    expect(places.size).toBeGreaterThan(800);
    expect([...places].filter(([, where]) => where.length > 1)).toEqual([]);
  });

  it('and of the tests, and the comments of both, use the words of the glossary', () => {
    const found = [...files, ...tests].flatMap((file) => {
      const words = textOf(file).replace(STORED, '').match(NOT_OURS);
      return words ? [[file, ...new Set(words)]] : [];
    });
    expect(found).toEqual([]);
  });
});
