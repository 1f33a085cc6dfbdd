import { Body, Controller, Get, HttpCode, Post, Put, Query } from '@nestjs/common';
import {
  ApiBadGatewayResponse,
  ApiGatewayTimeoutResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { CurrentIntegrationKey, type IntegrationKey } from '../../integrations';
import { ListQueryDto, listRequest, MayFail, ReadsList } from '../../platform/http';
import { BUILT_IN_IDS } from '../../providers';
import { PaymentMappings } from '../payment-mappings';
import { PaymentMethods } from '../payment-methods';
import {
  MappingDoneDto,
  OneShotCredentialsDto,
  PaymentMappingListDto,
  PaymentMethodListDto,
  PutPaymentMappingsDto,
} from './dto/payment.dto';
import {
  PAYMENT_METHODS,
  requestFieldOf,
  toCredentials,
  toPaymentMapping,
  toPaymentMappingRow,
  toPaymentMethodList,
} from './views';

@ApiTags('Settings')
@ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
@Controller('v2/integrations/:provider')
export class PaymentMethodsController {
  constructor(
    private readonly mappings: PaymentMappings,
    private readonly methods: PaymentMethods,
  ) {}

  @Get('payment-mappings')
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listPaymentMappings',
    summary: 'List all payment mappings',
    description: 'By id. Mappings outlive a deactivation.',
  })
  @ApiOkResponse({ type: PaymentMappingListDto, description: 'At most 500.' })
  @ApiNotFoundResponse({ description: 'No integration of this provider was ever configured.' })
  async list(@CurrentIntegrationKey() key: IntegrationKey): Promise<PaymentMappingListDto> {
    return { success: true, data: (await this.mappings.list(key)).map(toPaymentMappingRow) };
  }

  @Put('payment-mappings')
  @Authenticated({ scope: 'integrations:write' })
  @ApiOperation({
    operationId: 'replacePaymentMappings',
    summary: 'Replace all payment mappings',
    description: 'Which of the provider’s payment methods each of ours stands for when a payment is pushed.',
  })
  @ApiOkResponse({ type: MappingDoneDto, description: 'The list is now this one.' })
  @ApiNotFoundResponse({ description: 'No integration of this provider is active.' })
  async put(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Body() body: PutPaymentMappingsDto,
  ): Promise<MappingDoneDto> {
    await this.mappings.replaceAll(key, body.mappings.map(toPaymentMapping));
    return { success: true };
  }

  @Get('payment-methods')
  @Authenticated({ scope: 'integrations:read' })
  @MayFail('provider_credentials_rejected')
  @ApiOperation({
    operationId: 'listPaymentMethods',
    summary: 'The provider’s payment methods, by the stored credentials',
    description: 'Asks the provider, each time.',
  })
  @ReadsList()
  @ApiOkResponse({ type: PaymentMethodListDto, description: 'As the provider lists them.' })
  @ApiNotFoundResponse({ description: 'No integration of this provider is active.' })
  @ApiUnprocessableEntityResponse({ description: 'The provider has no list of payment methods.' })
  @ApiBadGatewayResponse({ description: 'The provider could not be reached or answered with an error.' })
  @ApiGatewayTimeoutResponse({ description: 'The provider did not answer in time.' })
  async stored(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Query() query: ListQueryDto,
  ): Promise<PaymentMethodListDto> {
    return toPaymentMethodList(await this.methods.stored(key, listRequest(query, PAYMENT_METHODS)));
  }

  @Post('payment-methods')
  @HttpCode(200)
  @Authenticated({ scope: 'integrations:write' })
  @MayFail('provider_credentials_rejected')
  @ApiOperation({
    operationId: 'lookUpPaymentMethods',
    summary: 'The provider’s payment methods, by credentials that are used once',
    description: 'Nothing is stored, and no integration is needed.',
  })
  @ReadsList()
  @ApiOkResponse({ type: PaymentMethodListDto, description: 'As the provider lists them.' })
  @ApiUnprocessableEntityResponse({ description: 'The provider has no list of payment methods.' })
  @ApiBadGatewayResponse({ description: 'The provider could not be reached or answered with an error.' })
  @ApiGatewayTimeoutResponse({ description: 'The provider did not answer in time.' })
  async lookUp(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Body() body: OneShotCredentialsDto,
    @Query() query: ListQueryDto,
  ): Promise<PaymentMethodListDto> {
    const request = listRequest(query, PAYMENT_METHODS);
    return toPaymentMethodList(await this.methods.unstored(key, toCredentials(body), request, requestFieldOf));
  }
}
