import type { Answer, SendOptions, Transport } from './transport';
import type { AnswerOf, Arguments, DataOf, OperationId, ResultOf } from './types';

/** A call under way. Awaited, it is its result; `withResponse()` is the whole answer. */
export class ApiCall<T, A = unknown> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'ApiCall';

  constructor(
    private readonly answer: Promise<Answer<A>>,
    private readonly result: (body: A) => T,
  ) {}

  /** Body, status, headers, request id, number of attempts. */
  withResponse(): Promise<Answer<A>> {
    return this.answer;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  then<R = T, E = never>(
    onFulfilled?: ((value: T) => R | PromiseLike<R>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    return this.answer.then(({ body }) => this.result(body)).then(onFulfilled, onRejected);
  }

  catch<E = never>(onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<T | E> {
    return this.then(null, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then(null).finally(onFinally);
  }
}

/** The call of an operation. */
export type Call<O extends OperationId> = ApiCall<ResultOf<O>, AnswerOf<O>>;

/** A call whose result is the answer's `data`, or the whole answer where it has none. */
export function call<O extends OperationId>(
  transport: Transport,
  operation: O,
  args: Arguments<O>,
  options?: SendOptions,
): Call<O> {
  return new ApiCall(transport.send(operation, args, options), dataOf);
}

function dataOf<A>(body: A): DataOf<A> {
  const hasData = typeof body === 'object' && body !== null && 'data' in body;
  return (hasData ? body.data : body) as DataOf<A>;
}
