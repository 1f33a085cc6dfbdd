import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PaymentReviews } from '../../payments';
import { IdPipe, MayFail } from '../../platform/http';
import { readPosition, toPage, type PageOf } from '../page-cursor';
import { PaymentReviewRepository, type HeldPayment } from '../store/payment-review.repository';
import { AdminOperation, ApiId, Operates, Reads, setAuditReason } from './admin-route';
import { ReasonDto } from './dto/admin-bodies.dto';
import { AdminPageDto, OwnedFilterDto } from './dto/admin-queries.dto';
import { HeldPaymentDto, ReviewedPaymentDto, ReviewSearchDto } from './dto/payment-answers.dto';

@ApiTags('Payment reviews')
@Controller('admin/api/payment-reviews')
export class PaymentReviewsController {
  constructor(
    private readonly held: PaymentReviewRepository,
    private readonly reviews: PaymentReviews,
  ) {}

  @Get()
  @Reads()
  @AdminOperation(
    'adminListPaymentReviews',
    'Payments of which nobody knows whether the provider took them, newest first',
    {
      about:
        'An answer of the provider was lost, and a search did not show whether it took the payment. Such a payment is not sent again until somebody decides.',
      type: HeldPaymentDto,
      description: 'One page.',
      list: true,
    },
  )
  async list(
    @Query() filter: OwnedFilterDto,
    @Query() page: AdminPageDto,
  ): Promise<PageOf<Omit<HeldPayment, 'micros'>>> {
    const { limit } = page;
    return toPage(await this.held.page(filter, readPosition(page.cursor), limit), limit);
  }

  @Post(':id/search')
  @HttpCode(200)
  @Operates()
  @ApiId()
  @MayFail('conflict')
  @AdminOperation('adminSearchPaymentAgain', 'Search the provider once more', {
    about:
      'Queues a run that looks for the payment at the provider. Nothing is sent. 409 when the payment is not held.',
    type: ReviewSearchDto,
    description: 'The run that does it: found, the payment goes on; not found, it is held again.',
  })
  async search(@Param('id', new IdPipe()) id: string, @Body() body: ReasonDto): Promise<{ data: { runId: string } }> {
    return { data: await this.reviews.searchAgain(id, setAuditReason(body.reason)) };
  }

  @Post(':id/not-taken')
  @HttpCode(200)
  @Operates({ recentSignIn: true })
  @ApiId()
  @MayFail('conflict')
  @AdminOperation('adminDeclarePaymentNotTaken', 'Say that the provider does not have it: somebody has looked', {
    about: 'Only for a person who has looked at the provider’s own pages. 409 when the payment is not held.',
    type: ReviewedPaymentDto,
    description: 'The payment has failed, its part of the invoice is free, and the merchant may ask for it again.',
  })
  async notTaken(@Param('id', new IdPipe()) id: string, @Body() body: ReasonDto): Promise<{ data: { id: string } }> {
    await this.reviews.notTaken(id, setAuditReason(body.reason));
    return { data: { id } };
  }
}
