import { redisAddressOf, type AppConfig } from '../config';
import { hashTagNear } from './cluster-slot';

export interface QueueShard {
  readonly name: string;
  /** What its keys begin with. */
  readonly prefix: string;
}

/** As BullMQ has it, everywhere: a user of Redis needs no other keys than `bull:*`. */
const KEY_PREFIX = 'bull';

/** Steps by the golden ratio fill a circle evenly, however many they are; from here no node of a few stays without. */
const STEP = (Math.sqrt(5) - 1) / 2;
const START = 0.11;

type Spread = Pick<AppConfig, 'redisUrl' | 'queueShards'>;

/**
 * The queues that one queue is spread over. The first has its name alone, so one shard is the queue as it always was,
 * and a queue stays the same however many stand behind it.
 */
export function queueShards(name: string, config: Spread): QueueShard[] {
  return keyPrefixes(config).map((prefix, index) => ({ name: index === 0 ? name : `${name}-${index}`, prefix }));
}

/**
 * What the keys of each shard begin with. In a Cluster those of a shard share a slot, and the slots lie as far apart as
 * they can: their nodes share the work.
 */
export function keyPrefixes({ redisUrl, queueShards: shards }: Spread): string[] {
  const inCluster = redisUrl !== null && redisAddressOf(redisUrl).kind === 'cluster';
  return Array.from({ length: shards }, (_, index) =>
    inCluster ? `${KEY_PREFIX}:{${hashTagNear(`shard-${index}`, (START + index * STEP) % 1)}}` : KEY_PREFIX,
  );
}

/** The one place that decides which of so many queues an id belongs to: the same one in every process (FNV-1a). */
export function shardOf(id: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % shards;
}
