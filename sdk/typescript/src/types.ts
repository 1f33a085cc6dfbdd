import type { operations } from './generated/api';
import type { OPERATIONS } from './generated/operations';

/** The id of an operation in the OpenAPI document. */
export type OperationId = keyof typeof OPERATIONS;

type Parameters<O extends OperationId> = operations[O]['parameters'];
type Json<T> = T extends { content: { 'application/json': infer B } } ? B : never;
type Present<T> = [T] extends [never] ? never : NonNullable<T>;

/** The parameters in an operation's path. */
export type PathOf<O extends OperationId> = Present<Parameters<O>['path']>;
/** The query that an operation takes. */
export type QueryOf<O extends OperationId> = Present<Parameters<O>['query']>;
/** The body that an operation takes. */
export type BodyOf<O extends OperationId> = operations[O] extends { requestBody?: infer B }
  ? Json<NonNullable<B>>
  : never;

type Responses<O extends OperationId> = operations[O]['responses'];
type Success<O extends OperationId> = Extract<keyof Responses<O>, 200 | 201 | 202>;
/** The body of an operation's successful answer; undefined where it has none. */
export type AnswerOf<O extends OperationId> = [Success<O>] extends [never] ? undefined : Json<Responses<O>[Success<O>]>;
/** What a method returns: an answer's `data` where it has one, else the whole answer. */
export type DataOf<A> = A extends { data: infer D } ? D : A;
export type ResultOf<O extends OperationId> = DataOf<AnswerOf<O>>;
/** One element of a list. */
export type ItemOf<O extends OperationId> =
  AnswerOf<O> extends { data: (infer I)[] } | { items: (infer I)[] } ? I : never;

/** What an operation is called with. */
export type Arguments<O extends OperationId> = ([PathOf<O>] extends [never]
  ? { path?: never }
  : { path: PathOf<O> }) & {
  query?: QueryOf<O>;
} & ([BodyOf<O>] extends [never] ? { body?: never } : { body?: BodyOf<O> });

/** Of one call; what is left out is as the client was set up. */
export interface CallOptions {
  /** Ends the call; it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** For the whole call, with all its attempts and waits. */
  readonly timeoutMs?: number | undefined;
  /** For one attempt, until its answer is read. */
  readonly attemptTimeoutMs?: number | undefined;
  /** Attempts after the first. */
  readonly maxRetries?: number | undefined;
  /** Of a write: 1 to 255 printable characters. Without it the call has a new one, which all its attempts share. */
  readonly idempotencyKey?: string | undefined;
  /** Shown in the service's log and in its answer. */
  readonly requestId?: string | undefined;
}

export type ProviderId = PathOf<'getIntegration'>['provider'];
export type ResourceType = PathOf<'listRecords'>['resourceType'];
export type Integration = ItemOf<'listIntegrations'>;
export type ActivateBody = BodyOf<'activateIntegration'>;
export type Settings = BodyOf<'updateIntegration'>;
export type Credentials = ActivateBody['credentials'];
export type Explanation = ResultOf<'explainIntegration'>;
export type SyncLog = ItemOf<'listSyncLogs'>;
export type SyncState = ItemOf<'listSyncStates'>;
export type Payment = ResultOf<'getPushedPayment'>;
export type Provider = ItemOf<'listProviders'>;
type AnyRecord = ItemOf<'listRecords'>;
/** What only the data of this type has. */
interface Mark {
  customers: { email: unknown };
  products: { kind: unknown };
  invoices: { lines: unknown };
  payments: { invoiceExternalId: unknown };
  devices: { serial: unknown };
}
/** A record of one resource type. */
export type RecordOf<R extends ResourceType> = Omit<AnyRecord, 'resourceType' | 'data'> & {
  resourceType: R;
  data: Extract<AnyRecord['data'], Mark[R]>;
};
