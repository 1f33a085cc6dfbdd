import { RequestValidationPipe } from '../../../platform/http/server/validation.pipe';
import { BatchRetryDto } from './sync-log.dto';

const integrationId = '7d1c53b4-7a5b-4a2e-9d54-7d7ee2b1b0aa';
const read = (body: object): Promise<unknown> =>
  new RequestValidationPipe().transform({ integrationId, ...body }, { type: 'body', metatype: BatchRetryDto });

describe('how many entries one batch takes', () => {
  it.each([
    [{}, 100],
    [{ limit: null }, 100],
    [{ limit: 1 }, 1],
    [{ limit: 1_000_000 }, 500],
  ])('%j', async (body, limit) => {
    expect(await read(body)).toMatchObject({ limit });
  });

  it.each([0, -1, 1.5, '10', true, []])('%j is no number of entries', async (limit) => {
    await expect(read({ limit })).rejects.toMatchObject({
      code: 'invalid_request',
      fields: { limit: expect.any(Array) },
    });
  });
});
