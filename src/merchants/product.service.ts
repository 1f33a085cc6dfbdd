import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { ProductRepository, type MerchantScope, type Product } from './store/product.repository';

/** The merchant's own products: what imported packages and services are mapped onto. */
@Injectable()
export class ProductService {
  constructor(
    private readonly products: ProductRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async upsert(scope: MerchantScope, products: readonly Product[]): Promise<number> {
    // one statement cannot touch a row twice, and which of two would win is anybody's guess
    const seen = new Set<string>();
    products.forEach((product, index) => {
      const id = product.id.toLowerCase();
      if (seen.has(id)) throw InterlockError.invalidField(`products.${index}.id`, 'must not occur twice');
      seen.add(id);
    });
    if (products.length === 0) return 0;
    return this.unitOfWork.run((tx) => this.products.upsert(tx, scope, products));
  }

  async list(
    scope: MerchantScope,
    page: { limit: number; offset: number },
  ): Promise<{ items: Product[]; total: number }> {
    const [items, total] = await Promise.all([this.products.page(scope, page), this.products.count(scope)]);
    return { items, total };
  }

  first(scope: MerchantScope, limit: number): Promise<Product[]> {
    return this.products.first(scope, limit);
  }

  byIds(scope: MerchantScope, ids: readonly string[]): Promise<Product[]> {
    return this.products.byIds(scope, ids);
  }
}
