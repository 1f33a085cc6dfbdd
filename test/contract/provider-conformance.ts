/**
 * The conformance suite: what every provider adapter must do against its provider's simulator. A new provider adds one
 * file `provider-subjects/<provider>.subject.ts` and changes nothing here.
 */
import type { Check } from './provider-conformance/bench';
import { credentialChecks } from './provider-conformance/credential-checks';
import { failureChecks } from './provider-conformance/failure-checks';
import { incrementalChecks } from './provider-conformance/incremental-checks';
import { pagingChecks } from './provider-conformance/paging-checks';
import { privacyChecks } from './provider-conformance/privacy-checks';
import { recordChecks } from './provider-conformance/record-checks';

export { Bench, type Check } from './provider-conformance/bench';
export type { ConformanceSubject } from './provider-conformance/subject';

export const CHECKS: readonly Check[] = [
  ...credentialChecks,
  ...pagingChecks,
  ...incrementalChecks,
  ...failureChecks,
  ...recordChecks,
  ...privacyChecks,
];
