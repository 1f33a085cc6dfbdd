import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import {
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { InterlockError } from '../../platform/errors';
import { Public } from '../../platform/http';
import { TokenExchangeService } from '../token-exchange.service';
import { AuthenticateDto, RefreshDto, TokenPairDto, toTokenPairDto } from './dto/token.dto';

@ApiTags('Tokens')
@Controller('api/v1/auth')
export class TokenExchangeController {
  constructor(private readonly exchange: TokenExchangeService) {}

  @Post('authenticate')
  @HttpCode(200)
  @Public()
  @ApiOperation({
    operationId: 'authenticate',
    summary: 'Exchange an API key and secret for a pair of tokens',
    description:
      'Key and secret in the body, or in the headers. 50 tries a minute for each key, and a bound for each address.',
  })
  @ApiHeader({ name: 'api-key', required: false, description: 'In place of `api_key`.' })
  @ApiHeader({ name: 'api-secret', required: false, description: 'In place of `secret_key`.' })
  @ApiOkResponse({ type: TokenPairDto, description: 'The tokens.' })
  @ApiUnauthorizedResponse({ description: 'Unknown, wrong, expired or deleted: one text for every cause.' })
  @ApiTooManyRequestsResponse({ description: 'Too many tries for this key, or from this address; see Retry-After.' })
  async authenticate(
    @Body() body: AuthenticateDto,
    @Headers('api-key') keyHeader?: string,
    @Headers('api-secret') secretHeader?: string,
  ): Promise<TokenPairDto> {
    const apiKey = body.api_key ?? keyHeader;
    const secret = body.secret_key ?? secretHeader;
    if (!apiKey || !secret) throw new InterlockError('unauthenticated');
    return toTokenPairDto(await this.exchange.authenticate(apiKey, secret));
  }

  @Post('refresh')
  @HttpCode(200)
  @Public()
  @ApiOperation({
    operationId: 'refreshToken',
    summary: 'Exchange a refresh token for a new pair',
    description:
      'It dies on use. Used a second time, every token of its session ends. 30 refreshes an hour for each session, and a bound for each address.',
  })
  @ApiOkResponse({ type: TokenPairDto, description: 'The tokens.' })
  @ApiUnauthorizedResponse({ description: 'Unknown, used, expired or revoked: one text for every cause.' })
  @ApiTooManyRequestsResponse({
    description: 'Too many refreshes of this session, or from this address; see Retry-After.',
  })
  async refresh(@Body() body: RefreshDto): Promise<TokenPairDto> {
    return toTokenPairDto(await this.exchange.refresh(body.refresh_token));
  }
}
