import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JWK } from 'jose';
import { Public } from '../../platform/http';
import { SigningKeys } from '../signing-keys';

@ApiTags('Tokens')
@Controller('.well-known')
export class JwksController {
  constructor(private readonly signingKeys: SigningKeys) {}

  /** A verifier that meets a new `kid` is expected to fetch again, so a short cache is enough to spare us. */
  @Get('jwks.json')
  @Public()
  @Header('Cache-Control', 'public, max-age=60')
  @ApiOperation({
    operationId: 'getJwks',
    summary: 'The public keys that access tokens are signed with',
    description: 'A JSON Web Key Set (RFC 7517). Fetch it again when a token names a `kid` that it does not hold.',
  })
  @ApiOkResponse({
    description: 'The key set.',
    schema: {
      type: 'object',
      required: ['keys'],
      properties: {
        keys: {
          type: 'array',
          items: {
            type: 'object',
            required: ['kty', 'crv', 'x', 'y', 'kid', 'alg', 'use'],
            properties: {
              kty: { type: 'string', enum: ['EC'] },
              crv: { type: 'string', enum: ['P-256'] },
              x: { type: 'string' },
              y: { type: 'string' },
              kid: { type: 'string', format: 'uuid' },
              alg: { type: 'string', enum: ['ES256'] },
              use: { type: 'string', enum: ['sig'] },
            },
          },
        },
      },
    },
  })
  async get(): Promise<{ keys: JWK[] }> {
    return { keys: await this.signingKeys.publicKeys() };
  }
}
