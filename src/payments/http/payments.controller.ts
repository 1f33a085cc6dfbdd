import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiConflictResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { CurrentIntegrationKey, type IntegrationKey } from '../../integrations';
import { MayFail } from '../../platform/http';
import { BUILT_IN_IDS } from '../../providers';
import { PaymentRequestsService } from '../payment-requests.service';
import { OutboundPaymentAnswerDto, PushPaymentDto, PushRequestedDto, toContent, toPaymentDto } from './dto/payment.dto';
import { PaymentIdPipe } from './payment-id.pipe';

/** Payments made on the platform, on their way to the provider. */
@ApiTags('Payments')
@ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
@Controller('v2/integrations/:provider/payments')
export class PaymentsController {
  constructor(private readonly payments: PaymentRequestsService) {}

  @Post()
  @HttpCode(202)
  @Authenticated({ scope: 'integrations:write' })
  @MayFail('not_found')
  @ApiOperation({
    operationId: 'pushPayment',
    summary: 'Push a payment to the provider',
    description:
      'Queues the payment, once per `reference`: the same reference with the same content is the same payment. One that failed is queued again, and goes on where it stopped.',
  })
  @ApiAcceptedResponse({ type: PushRequestedDto })
  @ApiConflictResponse({ description: 'The reference was used for another payment.' })
  @ApiUnprocessableEntityResponse({
    description:
      'The provider takes no payments, `pushPayments` is off, or invoice, customer, currency, amount or method do not allow it.',
  })
  async push(@CurrentIntegrationKey() key: IntegrationKey, @Body() body: PushPaymentDto): Promise<PushRequestedDto> {
    const { id, runId, status } = await this.payments.request(key, toContent(body));
    return { success: true, data: { id, jobId: runId, status } };
  }

  @Get(':paymentId')
  @Authenticated({ scope: 'integrations:read' })
  @ApiParam({ name: 'paymentId', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({
    operationId: 'getPushedPayment',
    summary: 'How far a pushed payment is',
    description:
      '`needs_review`: whether the provider took the payment is unknown; it is never sent again by itself. Look there before paying again.',
  })
  @ApiOkResponse({ type: OutboundPaymentAnswerDto })
  async payment(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Param('paymentId', PaymentIdPipe) paymentId: string,
  ): Promise<OutboundPaymentAnswerDto> {
    return { success: true, data: toPaymentDto(await this.payments.find(key, paymentId)) };
  }
}
