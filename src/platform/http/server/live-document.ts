import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { openApiDocument, type DocumentOptions } from './openapi';

/** An enum of the document of which there may be more while the process runs. */
export interface LiveEnum {
  /** As the document has it. */
  readonly documented: readonly string[];
  /** The documented ones first. */
  served(): readonly string[];
}

/** The document with what is served at this moment: the same one for as long as that stays the same. */
export function liveDocument(app: INestApplication, options: DocumentOptions, live: LiveEnum): () => OpenAPIObject {
  let documented: OpenAPIObject | undefined;
  let made: { ids: string; document: OpenAPIObject } | undefined;
  return () => {
    documented ??= openApiDocument(app, options);
    const served = live.served();
    const ids = served.join();
    if (made?.ids !== ids) made = { ids, document: withServed(documented, live.documented, served) };
    return made.document;
  };
}

/** A copy in which each enum that lists the documented ones lists the served ones. */
export function withServed<T>(part: T, documented: readonly string[], served: readonly string[]): T {
  if (Array.isArray(part)) return part.map((each: unknown) => withServed(each, documented, served)) as T;
  if (typeof part !== 'object' || part === null) return part;
  const isListed = (values: unknown): values is unknown[] =>
    Array.isArray(values) && documented.every((id, at) => values[at] === id);
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      name === 'enum' && isListed(value)
        ? [...served, ...value.slice(documented.length)]
        : withServed<unknown>(value, documented, served),
    ]),
  ) as T;
}
