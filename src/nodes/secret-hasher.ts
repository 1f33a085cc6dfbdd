import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { BoundedLane } from './bounded-lane';
import { generateCredential } from './credential-format';

/** Some 25 ms and 32 MiB for one check on a server core of 2024 (`bench/keys.ts` measures it). */
const COST = { algorithm: 2 /* argon2id */, memoryCost: 32 * 1024, timeCost: 3, parallelism: 1 } as const;
/** One thread of libuv's four is left to name look-ups and files. */
const MAX_CONCURRENCY = 3;
/** The last of them waits for two to three seconds; whoever comes later is told to. */
const MAX_WAITING = 200;

/** argon2id, so many at once that a flood of tries cannot exhaust memory: at most 3 × 32 MiB. */
@Injectable()
export class SecretHasher implements OnModuleInit {
  private readonly lane = new BoundedLane({
    concurrency: Math.min(availableParallelism(), MAX_CONCURRENCY),
    maxWaiting: MAX_WAITING,
  });
  private nobodys: string;

  async onModuleInit(): Promise<void> {
    this.nobodys = await this.hash(generateCredential('secret'));
  }

  hash(secret: string): Promise<string> {
    return this.lane.run(() => hash(secret, COST));
  }

  /**
   * The index of the hash that the secret fits, or -1. With no hash at all one is checked that no secret fits: an unknown key
   * costs the time of a known one.
   */
  async match(secret: string, hashes: readonly string[]): Promise<number> {
    const candidates = hashes.length > 0 ? hashes : [this.nobodys];
    const verdicts = await Promise.all(candidates.map((each) => this.lane.run(() => verify(each, secret))));
    return hashes.length > 0 ? verdicts.indexOf(true) : -1;
  }
}
