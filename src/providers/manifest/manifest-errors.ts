import type { Classification, OutboundRequest } from '../../platform/outbound';
import { classifyStatus } from '../classify-status';
import { scalarText } from '../scalar';
import type { ManifestErrorRule, ManifestErrors } from './manifest';
import { pathIn } from './row-path';

type Answer = Parameters<OutboundRequest['classify']>[0];

/** By the manifest's own rules first. None of them makes a failure of HTTP a good answer. */
export function classifierOf(errors: ManifestErrors = {}): OutboundRequest['classify'] {
  return (answer) => ruledBy(errors, answer) ?? classifyStatus(answer.status, messageOf(errors, answer));
}

/** What RFC 6749, section 5.2, says of the client or its grant. */
const REJECTED = new Set(['invalid_client', 'invalid_grant', 'unauthorized_client']);

/** Of a login: who is refused there has sent wrong credentials. */
export function loginClassifierOf(errors: ManifestErrors = {}, byOAuth = false): OutboundRequest['classify'] {
  return (answer) => {
    const ruled = ruledBy(errors, answer);
    if (ruled) return ruled;
    const { status, body } = answer;
    const code = byOAuth && status >= 400 && status < 500 ? pathIn(body, 'error') : undefined;
    const description = byOAuth ? pathIn(body, 'error_description') : undefined;
    const providerMessage = typeof description === 'string' ? description : messageOf(errors, answer);
    if (status === 401 || status === 403 || REJECTED.has(scalarText(code) ?? ''))
      return { verdict: 'auth', providerMessage };
    if (code === 'invalid_scope') return { verdict: 'permission', providerMessage };
    return classifyStatus(status, providerMessage);
  };
}

function ruledBy(errors: ManifestErrors, answer: Answer): Classification | null {
  const rule = (errors.rules ?? []).find((each) => fits(each, answer));
  return rule ? { verdict: rule.verdict, providerMessage: messageOf(errors, answer) } : null;
}

function messageOf({ messages = ['message', 'error'] }: ManifestErrors, { body }: Answer): string | null {
  const said = messages.map((path) => pathIn(body, path)).find((value) => typeof value === 'string' && value !== '');
  return typeof said === 'string' ? said : null;
}

function fits({ status, header, path, equals }: ManifestErrorRule, answer: Answer): boolean {
  if (status !== undefined && status !== answer.status) return false;
  const place = header !== undefined ? answer.headers[header.toLowerCase()] : path && pathIn(answer.body, path);
  if (header === undefined && path === undefined) return true;
  return equals === undefined ? place !== undefined && place !== null : place === equals;
}
