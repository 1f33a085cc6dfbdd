import { applyDecorators, Header } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

/** Where an operation of the OpenAPI document says when it ends. */
export const SUNSET_EXTENSION = 'x-sunset';

export interface Deprecation {
  /** The day from which on nobody should begin to use it, `2027-01-31`. */
  readonly since: string;
  /** The day on which it stops to answer. */
  readonly sunset: string;
  /** Where the document says what to use instead. */
  readonly successor: string;
}

/**
 * `@Deprecated({ since, sunset, successor })`: the answers of the handler say so (`Deprecation`, RFC 9745; `Sunset`,
 * RFC 8594), and so does the document. Throws on a day that is none.
 */
export function Deprecated({ since, sunset, successor }: Deprecation): MethodDecorator {
  return applyDecorators(
    Header('Deprecation', `@${startOf(since).getTime() / 1000}`),
    Header('Sunset', startOf(sunset).toUTCString()),
    Header('Link', `<${successor}>; rel="successor-version"`),
    ApiExtension(SUNSET_EXTENSION, sunset),
  );
}

function startOf(day: string): Date {
  const start = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(start.getTime())) throw new Error(`@Deprecated: ${day} is not a day`);
  return start;
}
