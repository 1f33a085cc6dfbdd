export { MappingsModule } from './mappings.module';
export { PaymentMappings, refuseRepeatedMethods } from './payment-mappings';
export type { PaymentMapping } from './store/payment-mapping.repository';
export { PaymentMappingRowDto } from './http/dto/payment.dto';
export { toPaymentMapping } from './http/views';
