import type { PipeTransform } from '@nestjs/common';
import { InterlockError } from '../../platform/errors';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export class PaymentIdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!UUID.test(value)) throw InterlockError.invalidField('paymentId', 'must be a UUID');
    return value;
  }
}
