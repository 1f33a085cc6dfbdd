import type { Environment } from '../platform/http';

/** A product of the merchant's own, as far as mappings care. */
export interface MerchantProduct {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly amountMinor: number;
  readonly currency: string;
}

interface Scope {
  readonly merchantId: string;
  readonly environment: Environment;
}

/**
 * The merchant's own products. A port, because mappings do not know the module that keeps them: the composition binds
 * it.
 */
export abstract class MerchantProducts {
  /** The first so many by id. */
  abstract first(scope: Scope, limit: number): Promise<MerchantProduct[]>;
  abstract byIds(scope: Scope, ids: readonly string[]): Promise<MerchantProduct[]>;
}
