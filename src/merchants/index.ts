export { MerchantService } from './merchant.service';
export { MerchantsModule } from './merchants.module';
export { ProductService } from './product.service';
