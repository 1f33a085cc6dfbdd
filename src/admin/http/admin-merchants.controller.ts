import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiKeyService } from '../../auth';
import { InterlockError } from '../../platform/errors';
import { IdPipe, MayFail, parseTimestamp } from '../../platform/http';
import { readPosition, toPage, type PageOf } from '../page-cursor';
import { AdminListRepository, type AdminApiKey, type AdminMerchant } from '../store/admin-list.repository';
import { AdminOperation, ApiId, ChangesKeys, Reads, setAuditReason } from './admin-route';
import { AllowedAddressesDto, CreateApiKeyDto, ReasonDto, RotateApiKeyDto } from './dto/admin-bodies.dto';
import { AdminPageDto, MerchantFilterDto } from './dto/admin-queries.dto';
import { AdminApiKeyDto, AdminMerchantDto, IssuedApiKeyDto, RotatedApiKeyDto } from './dto/operations-answers.dto';

type ApiKey = NonNullable<Awaited<ReturnType<ApiKeyService['find']>>>;

const DEFAULT_OVERLAP_SECONDS = 86_400;

@ApiTags('Merchants and API keys')
@Controller('admin/api')
export class AdminMerchantsController {
  constructor(
    private readonly lists: AdminListRepository,
    private readonly keys: ApiKeyService,
  ) {}

  @Get('merchants')
  @Reads()
  @AdminOperation('adminListMerchants', 'Merchants, newest first', {
    about: 'Everybody who has keys or integrations here, with counts.',
    type: AdminMerchantDto,
    description: 'One page.',
    list: true,
  })
  async list(
    @Query() filter: MerchantFilterDto,
    @Query() page: AdminPageDto,
  ): Promise<PageOf<Omit<AdminMerchant, 'micros'>>> {
    if (filter.environment && !filter.finding) {
      throw new InterlockError('invalid_request', { message: 'A merchant has no environment: send finding with it.' });
    }
    const { limit } = page;
    return toPage(await this.lists.merchants(filter, readPosition(page.cursor), limit), limit);
  }

  @Get('merchants/:id')
  @Reads()
  @ApiId()
  @AdminOperation('adminGetMerchant', 'One merchant', {
    about: 'Its name, its default currency, and counts of its integrations and keys.',
    type: AdminMerchantDto,
    description: 'The merchant.',
  })
  async get(@Param('id', new IdPipe()) id: string): Promise<{ data: Omit<AdminMerchant, 'micros'> }> {
    return { data: await this.existing(id) };
  }

  @Get('merchants/:id/api-keys')
  @Reads()
  @ApiId()
  @MayFail('unprocessable_entity')
  @AdminOperation('adminListApiKeys', 'API keys of a merchant, newest first', {
    about: 'What each key may do, since when, until when, and when it was last used.',
    type: AdminApiKeyDto,
    description: 'One page, revoked ones too; never a key itself.',
    list: true,
  })
  async listKeys(@Param('id', new IdPipe()) id: string, @Query() page: AdminPageDto): Promise<PageOf<AdminApiKey>> {
    this.keys.refuseWhenManagedElsewhere();
    await this.existing(id);
    const { limit } = page;
    return toPage(await this.lists.apiKeys(id, readPosition(page.cursor), limit), limit);
  }

  @Post('merchants/:id/api-keys')
  @ChangesKeys()
  @ApiId()
  @MayFail('unprocessable_entity')
  @AdminOperation('adminCreateApiKey', 'Create an API key', {
    about: 'For a merchant’s back end. Hand it over by a safe way: it cannot be read again.',
    type: IssuedApiKeyDto,
    description: 'The key in clear, this once.',
    status: 201,
  })
  async createKey(
    @Param('id', new IdPipe()) id: string,
    @Body() body: CreateApiKeyDto,
  ): Promise<{ data: ApiKey & { key: string } }> {
    const { reason, expiresAt, ...input } = body;
    await this.existing(id);
    setAuditReason(reason);
    const { apiKey, key } = await this.keys.create({
      ...input,
      merchantId: id,
      expiresAt: expiresAt === undefined ? null : parseTimestamp(expiresAt),
    });
    return { data: { ...apiKey, key: key.reveal() } };
  }

  @Post('api-keys/:id/revoke')
  @HttpCode(200)
  @ChangesKeys()
  @ApiId()
  @MayFail('unprocessable_entity')
  @AdminOperation('adminRevokeApiKey', 'Revoke an API key', {
    about: 'The key stops at once and for good; revoking it again changes nothing.',
    type: AdminApiKeyDto,
    description: 'Refused everywhere within a second.',
  })
  async revoke(@Param('id', new IdPipe()) id: string, @Body() body: ReasonDto): Promise<{ data: ApiKey }> {
    setAuditReason(body.reason);
    return { data: await this.keys.revoke(id) };
  }

  @Put('api-keys/:id/allowed-cidrs')
  @ChangesKeys()
  @ApiId()
  @MayFail('conflict', 'unprocessable_entity')
  @AdminOperation('adminSetApiKeyAddresses', 'Say where an API key may be used from', {
    about: 'Replaces the whole list. Calls with the key from other addresses are answered 403.',
    type: AdminApiKeyDto,
    description: 'Holds everywhere within a second.',
  })
  async allowFrom(@Param('id', new IdPipe()) id: string, @Body() body: AllowedAddressesDto): Promise<{ data: ApiKey }> {
    setAuditReason(body.reason);
    return { data: await this.keys.allowFrom(id, body.allowedCidrs) };
  }

  @Post('api-keys/:id/rotate')
  @HttpCode(200)
  @ChangesKeys()
  @ApiId()
  @MayFail('conflict', 'unprocessable_entity')
  @AdminOperation('adminRotateApiKey', 'Replace an API key', {
    about: 'Makes a successor with the same name and scopes, so that the merchant can change over without a gap.',
    type: RotatedApiKeyDto,
    description: 'The successor in clear, this once; the old key works until the overlap ends.',
  })
  async rotate(
    @Param('id', new IdPipe()) id: string,
    @Body() body: RotateApiKeyDto,
  ): Promise<{ data: ApiKey & { key: string; replaced: ApiKey } }> {
    setAuditReason(body.reason);
    const { overlapSeconds = DEFAULT_OVERLAP_SECONDS } = body;
    const { apiKey, key, replaced } = await this.keys.rotate(id, { overlapSeconds });
    return { data: { ...apiKey, key: key.reveal(), replaced } };
  }

  private async existing(id: string): Promise<Omit<AdminMerchant, 'micros'>> {
    const { data } = toPage(await this.lists.merchants({ id }, null, 1), 1);
    if (!data[0]) throw new InterlockError('not_found');
    return data[0];
  }
}
