export { MerchantService } from './merchant.service';
export type { Merchant } from './store/merchant.repository';
export { MerchantsModule } from './merchants.module';
export { ProductService } from './product.service';
export type { MerchantScope, Product } from './store/product.repository';
