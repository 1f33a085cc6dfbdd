import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { AccessTokens } from '../../auth';
import { readPosition, toPage, type PageOf } from '../page-cursor';
import { AdminListRepository, type AdminToken } from '../store/admin-list.repository';
import { AdminOperation, ChangesKeys, Reads, setAuditReason } from './admin-route';
import { ReasonDto } from './dto/admin-bodies.dto';
import { AdminPageDto } from './dto/admin-queries.dto';
import { AdminTokenDto } from './dto/operations-answers.dto';

/** Recorded tokens, of people and of others. Node tokens come from their keys. */
@ApiTags('Admin tokens')
@Controller('admin/api/tokens')
export class TokensController {
  constructor(
    private readonly lists: AdminListRepository,
    private readonly tokens: AccessTokens,
  ) {}

  @Get()
  @Reads()
  @AdminOperation('adminListTokens', 'Tokens that were issued on record, or revoked, newest first', {
    about: 'Access tokens that the command line or the key exchange issued, with their bounds and their end.',
    type: AdminTokenDto,
    description: 'One page, until a day after they have expired; never a token itself.',
    list: true,
  })
  async list(@Query() page: AdminPageDto): Promise<PageOf<Omit<AdminToken, 'micros'>>> {
    const { limit } = page;
    return toPage(await this.lists.tokens(readPosition(page.cursor), limit), limit);
  }

  @Post(':jti/revoke')
  @HttpCode(200)
  @ChangesKeys()
  @ApiParam({ name: 'jti', schema: { type: 'string', minLength: 1, maxLength: 255 } })
  @AdminOperation('adminRevokeToken', 'Revoke one token', {
    about: 'For a token that may have leaked, of this service or of another issuer.',
    type: AdminTokenDto,
    description:
      'Refused by every process within 20 seconds, mostly within milliseconds. A `jti` that is not known here is taken as another issuer’s.',
  })
  async revoke(@Param('jti') jti: string, @Body() body: ReasonDto): Promise<{ data: AdminToken }> {
    setAuditReason(body.reason);
    return { data: await this.tokens.revoke({ jti }) };
  }
}
