import { EVENT_TYPES } from '../../../events';
import { BUILT_IN_IDS } from '../../../providers';
import { ORDERINGS } from '../../endpoint';

export const MAX_URL_LENGTH = 2_048;
export const MAX_DESCRIPTION_LENGTH = 255;
export const MAX_INTEGRATIONS = 100;
export const MAX_RATE = 1_000;

export const URL = {
  type: 'string',
  format: 'uri',
  minLength: 1,
  maxLength: MAX_URL_LENGTH,
  example: 'https://billing.example.com/hooks/interlock',
  description: 'An https URL of a public host. Redirects are not followed.',
} as const;
export const ENDPOINT_DESCRIPTION = {
  type: 'string',
  nullable: true,
  maxLength: MAX_DESCRIPTION_LENGTH,
  example: 'Billing',
} as const;
export const TYPES = {
  type: 'array' as const,
  nullable: true,
  items: { type: 'string', enum: [...EVENT_TYPES] as string[] },
  minItems: 1,
  uniqueItems: true,
  example: ['sync.completed', 'records.changed'],
  description: 'null: all types, also those that are to come.',
};
export const PROVIDERS = {
  type: 'array' as const,
  nullable: true,
  items: { type: 'string', enum: [...BUILT_IN_IDS] as string[] },
  minItems: 1,
  uniqueItems: true,
  example: BUILT_IN_IDS.slice(0, 1),
  description: 'null: all. With a list, events that are about no provider are left out.',
};
export const INTEGRATIONS = {
  type: 'array' as const,
  nullable: true,
  items: { type: 'string', format: 'uuid' },
  minItems: 1,
  maxItems: MAX_INTEGRATIONS,
  uniqueItems: true,
  example: ['7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55'],
  description: 'null: all. With a list, events that are about no integration are left out.',
};
export const INCLUDE_DATA = {
  type: 'boolean',
  example: false,
  description:
    '`records.changed` comes with the records, newest versions, as many as fit into 20 kB; `hasMoreRecords` says that there are more.',
} as const;
export const ORDERING = {
  enum: ORDERINGS,
  example: 'parallel',
  description:
    '`strict`: an event of an integration is sent when the one before was taken, or given up. `parallel`: several at a time, and later ones go on while one is tried again.',
} as const;
export const RATE = {
  type: 'integer',
  nullable: true,
  minimum: 1,
  maximum: MAX_RATE,
  example: 50,
  description: 'Deliveries a second; null: no limit.',
} as const;
export const MIRRORED = {
  type: 'boolean',
  example: true,
  description: 'Whether `X-RevKeen-Signature` is sent beside the headers of Standard Webhooks.',
} as const;
