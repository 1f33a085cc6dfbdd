import { ERROR_CATALOGUE, type ErrorDefinition } from '../src/platform/errors';
import { writeOrCheck } from './drift';

const intro = `# Errors

Every answer that is not 2xx, of every surface, has this shape. Branch on \`code\`: a code is never renamed and never changes its status.

\`\`\`json
{
  "error": "Credentials were rejected by PracticeHub.",
  "code": "provider_credentials_rejected",
  "requestId": "0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11",
  "nextAction": "fix_credentials"
}
\`\`\`

- \`error\`: one sentence for a person. It may be more specific than the text below; it never holds a rejected value, a secret, SQL or a stack.
- \`requestId\`: equals the \`x-request-id\` header; the service's log lines carry it too.
- \`nextAction\`: what the caller can do: \`none\`, \`fix_request\`, \`fix_credentials\`, \`wait\`, \`reconnect\`, \`resume_sync\`, \`contact_support\`. The usual one per code is listed; an answer may name a better one.
- \`details.fields\`: on validation errors only, each field's path with the rules it breaks.
- \`Retry-After\`: on \`rate_limited\` and \`idempotency_in_progress\`, whole seconds.

<!-- generated from src/platform/errors/catalogue.ts by \`npm run errors-doc\`; edit the catalogue, not this page -->
`;

const byStatus = Object.entries<ErrorDefinition>(ERROR_CATALOGUE).sort(([, a], [, b]) => a.status - b.status);
const table = [
  '| status | code | next action |',
  '| --- | --- | --- |',
  ...byStatus.map(([code, { status, nextAction }]) => `| ${status} | [\`${code}\`](#${code}) | \`${nextAction}\` |`),
].join('\n');
const paragraphs = byStatus.map(
  ([code, definition]) => `## ${code}

**${definition.status}** · next action \`${definition.nextAction}\` · a failed run with this code ${
    definition.retry === 'retry' ? 'is tried again by itself' : 'waits for somebody to act'
  }

> ${definition.text}

${definition.meaning}
`,
);

writeOrCheck('docs/errors.md', `${intro}\n${table}\n\n${paragraphs.join('\n')}`, 'npm run errors-doc');
