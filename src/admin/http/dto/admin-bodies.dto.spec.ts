import { RequestValidationPipe } from '../../../platform/http/server/validation.pipe';
import { BulkRetryDto, RotateApiKeyDto, StartRotationDto, SyncNowDto } from './admin-bodies.dto';

const read = (metatype: new () => object, body: object): Promise<unknown> =>
  new RequestValidationPipe().transform(body, { type: 'body', metatype });

describe('bodies of the admin API', () => {
  it.each([
    [BulkRetryDto, {}],
    [BulkRetryDto, { dryRun: true, filter: {} }],
    [SyncNowDto, { reason: 'asked for' }],
    [RotateApiKeyDto, { reason: 'asked for' }],
    [StartRotationDto, { reason: 'asked for' }],
  ])('%p takes %j', async (metatype, body) => {
    expect(await read(metatype, body)).toEqual(body);
  });

  // null would not be given the default: of a dry run it would make an operation, and one without a reason
  it.each([
    [BulkRetryDto, { dryRun: null }],
    [BulkRetryDto, { resourceType: null }],
    [BulkRetryDto, { limitPerIntegration: null }],
    [SyncNowDto, { fullResync: null }],
    [RotateApiKeyDto, { overlapSeconds: null }],
    [StartRotationDto, { mode: null }],
    [StartRotationDto, { toKeyId: null }],
  ])('%p refuses %j', async (metatype, body) => {
    await expect(read(metatype, { reason: 'asked for', ...body })).rejects.toMatchObject({
      code: 'invalid_request',
      fields: { [Object.keys(body)[0]!]: expect.any(Array) },
    });
  });

  // read as no filter it would mean every integration
  it.each([null, [], [{ provider: 'practicehub' }], 'practicehub'])('a filter is an object, not %j', async (filter) => {
    await expect(read(BulkRetryDto, { filter })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('an operation says why, however it is asked for', async () => {
    await expect(read(BulkRetryDto, { dryRun: false })).rejects.toMatchObject({
      fields: { reason: expect.any(Array) },
    });
  });
});
