import type { Finding } from './finding';
import type { Severity } from './finding-kinds';

export interface Headline {
  readonly level: 'ok' | Severity;
  readonly text: string;
}

/** Of findings that are sorted, worst first. */
export function headlineOf(findings: readonly Finding[], active: number): Headline {
  const worst = findings[0];
  if (!worst || worst.severity === 'info') {
    if (active === 0) return { level: 'ok', text: 'No integration is active yet' };
    const limited = findings.find(({ code }) => code === 'rate_limited');
    return limited
      ? { level: 'info', text: `Everything is in step, with ${limited.title}` }
      : { level: 'ok', text: 'Everything is in step' };
  }
  const others = findings.length - 1;
  const title = worst.environment === 'sandbox' ? `Sandbox: ${worst.title}` : worst.title;
  return {
    level: worst.severity,
    text: others > 0 ? `${title}, and ${others} more ${others === 1 ? 'finding' : 'findings'}` : title,
  };
}
