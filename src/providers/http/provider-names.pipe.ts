import { Injectable, type PipeTransform } from '@nestjs/common';
import { InterlockError } from '../../platform/errors';
import { ProviderRegistry } from '../provider.registry';
import { membersThatNameProviders } from './provider-fields';

/** Refuses a body or query that names a provider that this application does not serve. Runs behind the validation. */
@Injectable()
export class ProviderNames implements PipeTransform {
  constructor(private readonly registry: ProviderRegistry) {}

  async transform<T>(value: T): Promise<T> {
    await this.check(value, '');
    return value;
  }

  /** What the validation has made an instance of a DTO, and those inside it. */
  private async check(value: unknown, path: string): Promise<void> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const naming = membersThatNameProviders(value);
    for (const [member, named] of Object.entries(value)) {
      if (!naming.includes(member)) {
        await this.check(named, `${path}${member}.`);
        continue;
      }
      for (const id of [named ?? []].flat() as string[]) {
        if (!(await this.registry.find(id))) throw unknownProvider(path + member, this.registry);
      }
    }
  }
}

export function unknownProvider(member: string, registry: ProviderRegistry): InterlockError {
  return InterlockError.invalidField(member, `must be one of ${registry.ids().join(', ')}`);
}
