import { MAX_BODY_VALUES, MAX_OPEN_BODY_BYTES } from '../../src/platform/http/body-limits';
import { exceeds } from '../../src/platform/http/server/json-scan';
import { apiContract } from '../support/api-client-contract';
import { maxBytesOf, operationsWithBody, worstBodies } from '../support/worst-bodies';

const operations = operationsWithBody(apiContract());

describe('the limits of bodies', () => {
  it('leave room for every right one: as many objects as each list takes, with all their members', () => {
    const right = operations
      .flatMap((found) => worstBodies(apiContract(), found))
      .filter(({ what }) => what.endsWith('the longest right list'));
    expect(right.length).toBeGreaterThan(4);
    for (const { text } of right) {
      expect(exceeds(Buffer.from(text), { depth: 64, members: 100, values: MAX_BODY_VALUES })).toBeNull();
    }
  });

  it('are small wherever no credential is asked for', () => {
    const open = operations.filter(({ operation }) => operation.security.length === 0 && operation.requestBody);
    expect(open.map(({ operation }) => operation.operationId).sort()).toEqual(
      expect.arrayContaining(['adminSignIn', 'authenticate', 'refreshToken']),
    );
    for (const each of open) expect(maxBytesOf(each)).toBe(MAX_OPEN_BODY_BYTES);
  });
});
