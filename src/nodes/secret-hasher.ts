import { availableParallelism } from 'node:os';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { BoundedLane } from './bounded-lane';
import { generateCredential } from './credential-format';

/** Some 25 ms and 32 MiB for one check on a server core of 2024 (`bench/keys.ts` measures it). */
const COST = { algorithm: 2 /* argon2id */, memoryCost: 32 * 1024, timeCost: 3, parallelism: 1 } as const;
/** One thread of libuv's four is left to name look-ups and files. */
const MAX_CONCURRENCY = 3;
/** Of one owner. The last of them waits for two to three seconds; whoever comes later is told to. */
const MAX_WAITING = 200;

/** argon2id, so many at once that a flood of tries cannot exhaust memory: at most 3 × 32 MiB. */
@Injectable()
export class SecretHasher implements OnModuleInit {
  private readonly lane = new BoundedLane({
    concurrency: Math.min(availableParallelism(), MAX_CONCURRENCY),
    maxWaiting: MAX_WAITING,
  });
  private decoy: string;

  async onModuleInit(): Promise<void> {
    this.decoy = await this.hash('interlock', generateCredential('secret'));
  }

  /** `maker`: who asks for it. */
  hash(maker: string, secret: string): Promise<string> {
    return this.lane.run(`maker ${maker}`, () => hash(secret, COST));
  }

  /**
   * The index of the hash that the secret fits, or -1. With no key at all a hash is checked that no secret fits: an
   * unknown key costs the time of a known one.
   */
  async match(
    secret: string,
    key: { readonly id: string; readonly hashes: readonly string[] } | null,
  ): Promise<number> {
    const hashes = key?.hashes ?? [];
    // whoever guesses at keys waits for everybody who does
    const owner = key ? `key ${key.id}` : 'nobody';
    const candidates = hashes.length > 0 ? hashes : [this.decoy];
    const verdicts = await Promise.all(candidates.map((each) => this.lane.run(owner, () => verify(each, secret))));
    return hashes.length > 0 ? verdicts.indexOf(true) : -1;
  }
}
