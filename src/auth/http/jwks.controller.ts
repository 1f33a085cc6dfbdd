import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JWK } from 'jose';
import { Public } from '../../platform/http';
import { SigningKeys } from '../signing-keys';

@ApiTags('Tokens')
@Controller('.well-known')
export class JwksController {
  constructor(private readonly signingKeys: SigningKeys) {}

  /** A verifier fetches again when it meets a new `kid`, so a short cache is enough. */
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
          description: 'Those in use, and the former ones until their last token has ended.',
          items: {
            type: 'object',
            required: ['kty', 'crv', 'x', 'y', 'kid', 'alg', 'use'],
            properties: {
              kty: { type: 'string', enum: ['EC'], description: 'Key type: elliptic curve.' },
              crv: { type: 'string', enum: ['P-256'], description: 'The curve.' },
              x: { type: 'string', description: 'Coordinate of the public point, base64url.' },
              y: { type: 'string', description: 'The other coordinate, base64url.' },
              kid: { type: 'string', format: 'uuid', description: 'Names the key: tokens carry it in their header.' },
              alg: { type: 'string', enum: ['ES256'], description: 'The algorithm of its signatures.' },
              use: { type: 'string', enum: ['sig'], description: 'What it is for: signatures.' },
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
