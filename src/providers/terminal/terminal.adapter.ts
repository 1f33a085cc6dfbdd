import type { Environment } from '../../platform/http';
import { MAX_PAGE_BYTES } from '../bounded-reading';
import { bareBaseUrl, leadsElsewhere } from '../credentials';
import { ProviderAdapter, type ProviderCall, type ProviderCredentials, type Stream } from '../provider';
import { TerminalClient } from './terminal-client';
import { TerminalDeviceStream } from './terminal-device-stream';
import { TerminalPaymentStream } from './terminal-payment-stream';

/**
 * Terminal (card-present payments). Devices and approved payments come in. Its pages describe two ways of paging; this
 * adapter asks with `starting_after` and takes `has_more: false` or a short page for the end.
 */
export class TerminalAdapter extends ProviderAdapter {
  readonly id = 'terminal';
  readonly streams: readonly Stream[] = [new TerminalDeviceStream(), new TerminalPaymentStream()];

  normaliseCredentials(input: ProviderCredentials, environment: Environment): ProviderCredentials {
    const baseUrl = bareBaseUrl(input.baseUrl, {
      segment: 'v2',
      liveHostSuffixes: this.liveHostSuffixes,
      live: environment === 'live',
    });
    return { ...input, baseUrl };
  }

  async testCredentials(call: ProviderCall): Promise<{ accountId: string }> {
    try {
      await new TerminalClient(call).list('/terminal-devices', {}, MAX_PAGE_BYTES);
    } catch (error) {
      throw leadsElsewhere(error, 'the Terminal API');
    }
    return { accountId: call.credentials.baseUrl };
  }
}
