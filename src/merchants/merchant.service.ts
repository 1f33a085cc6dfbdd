import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { CURRENCY_RULE, isCurrency } from '../platform/http';
import { MerchantRepository, type Merchant } from './store/merchant.repository';

const MAX_NAME_LENGTH = 255;

@Injectable()
export class MerchantService {
  constructor(
    private readonly merchants: MerchantRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  async create(input: { name: string; defaultCurrency: string }): Promise<Merchant> {
    const name = input.name.trim();
    if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
      throw InterlockError.invalidField('name', `must be 1 to ${MAX_NAME_LENGTH} characters`);
    }
    if (!isCurrency(input.defaultCurrency)) {
      throw InterlockError.invalidField('defaultCurrency', CURRENCY_RULE);
    }
    return this.unitOfWork.run(async (tx) => {
      const merchant = await this.merchants.insert(tx, {
        id: randomUUID(),
        name,
        defaultCurrency: input.defaultCurrency,
      });
      await this.audit.record(tx, {
        action: 'merchant.created',
        subject: { type: 'merchant', id: merchant.id },
        merchantId: merchant.id,
      });
      return merchant;
    });
  }

  find(id: string): Promise<Merchant | null> {
    return this.merchants.find(id);
  }

  /** The oldest merchant of that name; names are not unique. */
  findByName(name: string): Promise<Merchant | null> {
    return this.merchants.findByName(name);
  }

  async get(id: string): Promise<Merchant> {
    const merchant = await this.merchants.find(id);
    if (!merchant) throw new InterlockError('not_found');
    return merchant;
  }

  list(page: { limit: number; offset: number } = { limit: 1000, offset: 0 }): Promise<Merchant[]> {
    return this.merchants.list(page);
  }
}
