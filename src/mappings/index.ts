export { MappingsModule } from './mappings.module';
export { MerchantProducts } from './merchant-products';
export { PaymentMappings, refuseRepeatedMethods } from './payment-mappings';
export type { PaymentMapping } from './store/payment-mapping.repository';
export { ProductMappings } from './product-mappings';
export { PaymentMappingRowDto } from './http/dto/payment.dto';
export { toPaymentMapping } from './http/views';
