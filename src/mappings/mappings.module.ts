import { Module, type DynamicModule, type ModuleMetadata, type OnModuleInit, type Type } from '@nestjs/common';
import { EventsModule } from '../events';
import { IntegrationsModule } from '../integrations';
import { SyncExtensions } from '../sync';
import { CatalogueItems } from './catalogue-items';
import { CatalogueItemsController } from './http/catalogue-items.controller';
import { PaymentMethodsController } from './http/payment-methods.controller';
import { ProductMappingsController } from './http/product-mappings.controller';
import { MappingSuggestions } from './mapping-suggestions';
import { MerchantProducts } from './merchant-products';
import { PaymentMappings } from './payment-mappings';
import { PaymentMethods } from './payment-methods';
import { ProductMappings } from './product-mappings';
import { PaymentMappingRepository } from './store/payment-mapping.repository';
import { ProductMappingRepository } from './store/product-mapping.repository';

@Module({})
export class MappingsModule implements OnModuleInit {
  constructor(
    private readonly extensions: SyncExtensions,
    private readonly productMappings: ProductMappings,
    private readonly paymentMappings: PaymentMappings,
  ) {}

  onModuleInit(): void {
    this.extensions.registerEraser((tx, integration) => this.productMappings.eraseIn(tx, integration));
    this.extensions.registerEraser((tx, integration) => this.paymentMappings.eraseIn(tx, integration));
  }

  /**
   * `imports`: the module of syncs; `products`: who answers for the merchant's own products, out of one of the imported
   * modules.
   */
  static forRoot(options: {
    imports: NonNullable<ModuleMetadata['imports']>;
    products: Type<MerchantProducts>;
  }): DynamicModule {
    return {
      module: MappingsModule,
      imports: [EventsModule, IntegrationsModule, ...options.imports],
      controllers: [ProductMappingsController, CatalogueItemsController, PaymentMethodsController],
      providers: [
        ProductMappingRepository,
        PaymentMappingRepository,
        ProductMappings,
        PaymentMappings,
        PaymentMethods,
        CatalogueItems,
        MappingSuggestions,
        { provide: MerchantProducts, useExisting: options.products },
      ],
      exports: [ProductMappings, PaymentMappings],
    };
  }
}
