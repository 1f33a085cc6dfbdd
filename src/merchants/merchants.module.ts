import { Module } from '@nestjs/common';
import { AuditModule } from '../audit';
import { ProductsController } from './http/products.controller';
import { MerchantService } from './merchant.service';
import { ProductService } from './product.service';
import { MerchantRepository } from './store/merchant.repository';
import { ProductRepository } from './store/product.repository';

@Module({
  imports: [AuditModule],
  controllers: [ProductsController],
  providers: [MerchantService, ProductService, MerchantRepository, ProductRepository],
  exports: [MerchantService, ProductService],
})
export class MerchantsModule {}
