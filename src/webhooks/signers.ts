import { Injectable } from '@nestjs/common';
import { PlaintextSecret, Vault } from '../vault';
import type { WebhookEndpoint } from './endpoint';
import { Signer, type EndpointSecret } from './endpoint-secret';

/** An opened secret is used for so long without being opened, and audited, again. */
const KEPT_MS = 60_000;
const MAX_KEPT = 2_000;

export const secretContext = (endpointId: string) => ({ purpose: 'webhook_secret', ownerId: endpointId }) as const;

export function sealableSecret({ secret, privateKey }: EndpointSecret): PlaintextSecret {
  return PlaintextSecret.fromString(JSON.stringify({ secret, privateKey }));
}

/** The secrets that an endpoint signs with: one, or two while one replaces the other. */
@Injectable()
export class Signers {
  private readonly kept = new Map<string, { signer: Signer; untilMs: number }>();

  constructor(private readonly vault: Vault) {}

  /** Of the row that refers to them: a secret that it no longer refers to is not used, kept or not. */
  async of({ id, secretId, previousSecretId, previousUntil }: WebhookEndpoint): Promise<Signer[]> {
    const signers = [await this.signer(id, secretId)];
    if (previousSecretId !== null && previousUntil! > new Date()) signers.push(await this.signer(id, previousSecretId));
    return signers;
  }

  private async signer(endpointId: string, secretId: string): Promise<Signer> {
    const kept = this.kept.get(secretId);
    if (kept && kept.untilMs > performance.now()) return kept.signer;
    const plaintext = await this.vault.open(secretId, secretContext(endpointId), { purpose: 'webhook.sign' });
    try {
      const signer = new Signer(JSON.parse(plaintext.reveal()) as EndpointSecret);
      if (this.kept.size >= MAX_KEPT) this.kept.clear();
      this.kept.set(secretId, { signer, untilMs: performance.now() + KEPT_MS });
      return signer;
    } finally {
      plaintext.wipe();
    }
  }
}
