export { PaymentReviews } from './payment-reviews.service';
export { PaymentsModule } from './payments.module';
