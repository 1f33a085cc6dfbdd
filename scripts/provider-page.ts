import { BUILT_IN_CATALOGUE, type ProviderFactPage } from '../src/providers';

const CERTAINTY = {
  doc: 'official documentation',
  live: 'code that others run against the live API',
  owner: 'the platform’s own SDK',
  inferred: 'nobody has shown it',
} as const;

/** The page of one provider, made of its facts. */
export function providerPage({ provider, facts }: ProviderFactPage): string {
  const { name, rate } = BUILT_IN_CATALOGUE[provider];
  const counts = Object.entries(CERTAINTY).map(([certainty, what]) => {
    const count = facts.filter((fact) => fact.certainty === certainty).length;
    return `| \`${certainty}\` | ${what} | ${count} |`;
  });
  const sections = facts.map((fact) =>
    [
      `### \`${fact.id}\``,
      `**${fact.certainty}** · ${expectedOf(fact)}`,
      `> ${fact.words}`,
      `- What the adapter does: ${fact.adapter}`,
      `- If the fact is wrong: ${fact.ifWrong}`,
    ]
      .join('\n\n')
      .replace(/\n\n- If/, '\n- If'),
  );
  return `# ${name}: what is known of its API

<!-- generated from src/providers/${provider}/ by \`npm run provider-docs\`; edit the facts, not this page -->

Nobody on this project holds an account at ${name}. What is known comes from elsewhere, and each fact says how sure it is:

| certainty | shown by | facts |
| --- | --- | --- |
${counts.join('\n')}

## Check your account

If you have an account, one command shows which of these facts hold for it:

\`\`\`sh
npm run cli -- provider check ${provider} --base-url ${exampleOf(provider)} --out report.json
\`\`\`

- It asks for the API key without showing it. \`--key-file FILE\` reads it from a file, \`--key-file -\` from standard input. The key is never
  an argument, is not kept, and is in no output.
- It sends GET requests only, at most 30, and no more than ${rate.perSecond} a second.
- \`--timezone ZONE\` and \`--currency CODE\` say what you know of the account. A check cannot tell by itself in which zone times without one are.
- It prints each fact, what your account shows (\`holds\`, \`differs\`, \`cannot tell\`), and what the adapter does about it. \`--json\` prints
  the same for programs.
- \`report.json\` holds names of fields, forms of values, words of enumerations, counts and HTTP statuses. It holds no value of a row. An
  unknown name or word is left out where it might be somebody’s data, and is only counted (\`withheld\`). Read it before you attach it to an issue.

Whoever gets the report starts a simulator that behaves as your account does, as far as it can, and is told what it cannot show:

\`\`\`sh
npm run cli -- provider check ${provider} --replay report.json
\`\`\`

\`OUTBOUND_ALLOW_PRIVATE=true\` lets the check reach such a simulator, or a stand-in of your own.

## Facts

${sections.join('\n\n')}
`;
}

function expectedOf({ expected, probe }: ProviderFactPage['facts'][number]): string {
  if (probe === null) return 'a check cannot tell: it only reads';
  return expected === null ? 'a check shows which' : `a check shows \`${expected}\` where it holds`;
}

function exampleOf(provider: ProviderFactPage['provider']): string {
  return BUILT_IN_CATALOGUE[provider].credentials['baseUrl']?.example ?? 'https://…';
}
