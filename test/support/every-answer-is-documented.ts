import { takeProblems } from './checked-answers';

/**
 * Of every end-to-end suite: a test fails by an answer that openapi.json does not describe, whatever else it looks at.
 */
function refuseProblems(): void {
  const problems = takeProblems();
  if (problems.length > 0) throw new Error(`Not as openapi.json says:\n${problems.join('\n')}`);
}
afterEach(refuseProblems);
// answers that were given between tests, or finished after one
afterAll(refuseProblems);
