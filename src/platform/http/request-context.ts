import { AsyncLocalStorage } from 'node:async_hooks';

export const ENVIRONMENTS = ['sandbox', 'live'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** Who is calling, as the guard of `auth` established it. */
export interface Caller {
  readonly kind: 'api_key' | 'token';
  /** API key id or token subject: the scope of idempotency keys, rate limits and the audit's actor. */
  readonly id: string;
  /** Set for API keys and for tokens of a node that is bound to a merchant. */
  readonly merchantId: string | null;
  readonly environment: Environment | null;
  readonly scopes: ReadonlySet<string>;
  readonly roles: readonly string[];
  readonly nodeIds: readonly string[];
  readonly permissions: readonly string[];
  /** When the caller's rights expire; null: not known to expire. */
  readonly heldUntil: Date | null;
  /** Names the token among those that this service issued; null: it is none. */
  readonly tokenId: string | null;
  /** The sign-in at the OpenID provider that the token stands for; null: it stands for none. */
  readonly signIn: SignIn | null;
}

/** A person's authentication at the OpenID provider. */
export interface SignIn {
  /** The provider's session, `sid`; null: the provider names none. */
  readonly sessionId: string | null;
  /** Unix seconds, `auth_time`; null: the provider did not say. */
  readonly authenticatedAt: number | null;
  /** Unix seconds by the provider's clock: `iat` of its ID token. */
  readonly identifiedAt: number;
  /** The level, `acr`; null: the provider did not say. */
  readonly acr: string | null;
}

/** Whether the caller sees but a part: one merchant, or some nodes. */
export function isBound(caller: Caller): boolean {
  return caller.merchantId !== null || caller.nodeIds.length > 0;
}

/** The actor, for the audit log and for rows that name one. */
export interface Actor {
  readonly kind: 'api_key' | 'token' | 'cli' | 'run' | 'system';
  readonly id: string;
}

export interface RequestState {
  readonly requestId: string;
  caller: Caller | null;
  /** Who acts where there is no caller: an operator at the command line. */
  operator?: Actor;
  /**
   * One id for every repetition of this request under its Idempotency-Key: lets a handler recognise its own earlier,
   * killed try.
   */
  idempotencyId?: string;
  /** The reason that the actor gave: the audit entries of this request carry it. */
  reason?: string;
}

const storage = new AsyncLocalStorage<RequestState>();

/** The context of the current request, available anywhere in the code. */
export const RequestContext = {
  run<T>(state: RequestState, work: () => T): T {
    return storage.run(state, work);
  },
  current(): RequestState | null {
    return storage.getStore() ?? null;
  },
  requestId(): string | null {
    return storage.getStore()?.requestId ?? null;
  },
};

/** The caller of the request, the operator at the command line, or the service itself. */
export function currentActor(): Actor {
  const state = RequestContext.current();
  if (state?.caller) return { kind: state.caller.kind, id: state.caller.id };
  return state?.operator ?? { kind: 'system', id: 'interlock' };
}
