import { RequestValidationPipe } from '../../../platform/http/server/validation.pipe';
import { ActivateDto } from './activate.dto';
import { CredentialsBodyDto } from './credentials.dto';

const credentials = { apiKey: 'pk_0123456789', baseUrl: 'https://api.example.com' };
const read = (metatype: new () => object, body: object): Promise<unknown> =>
  new RequestValidationPipe().transform(body, { type: 'body', metatype });

describe.each([ActivateDto, CredentialsBodyDto])('credentials of %p', (metatype) => {
  it('are one object', async () => {
    expect(await read(metatype, { credentials })).toMatchObject({ credentials });
  });

  it.each([null, [], [credentials], 'text', 7])('are not %j', async (given) => {
    await expect(read(metatype, { credentials: given })).rejects.toMatchObject({
      code: 'invalid_request',
      fields: { credentials: expect.any(Array) },
    });
  });
});

it.each([null, [], 'text'])('a list of mappings has no %j in it', async (row) => {
  await expect(read(ActivateDto, { credentials, paymentMappings: [row] })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});
