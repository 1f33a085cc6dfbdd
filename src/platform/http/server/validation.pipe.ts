import { setImmediate } from 'node:timers/promises';
import { Injectable, ValidationPipe, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { InterlockError } from '../../errors';
import { isFitText, TEXT_RULE } from '../params/text-rule';
import { Problems } from './problems';
import { shapeOf, type Shape } from './request-shape';
import { ShapeCheck } from './shape-check';

/** Objects of a list that are validated before others get their turn. */
const SLICE = 100;

type Members = Record<string, unknown>;

class Refused extends Error {
  constructor(readonly errors: readonly ValidationError[]) {
    super('refused by a validator');
  }
}

/**
 * Bounds a body or query by its DTO, then validates what is left. Unknown body fields are refused, unknown query
 * parameters dropped; an error names fields and rules, never a value.
 */
@Injectable()
export class RequestValidationPipe implements PipeTransform {
  private readonly validator = new ValidationPipe({
    transform: true,
    whitelist: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors: ValidationError[]) => new Refused(errors),
  });

  async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'param' && typeof value === 'string' && !isFitText(value)) {
      throw InterlockError.invalidField(metadata.data ?? 'path', TEXT_RULE);
    }
    const shape = metadata.type === 'body' || metadata.type === 'query' ? shapeOf(metadata.metatype) : null;
    if (!shape) return this.validator.transform(value, metadata) as Promise<unknown>;
    const problems = new Problems();
    const members = { ...(value as Members | null | undefined) };
    new ShapeCheck(problems, metadata.type === 'body' ? 'refused' : 'ignored').object(members, shape);
    const validated = problems.full ? null : await this.inSlices(members, shape, metadata, problems);
    problems.throwIfAny();
    return validated;
  }

  /** A long list is validated in slices, so that it never holds the event loop for long. */
  private async inSlices(members: Members, shape: Shape, metadata: ArgumentMetadata, problems: Problems) {
    const long = Object.entries(members).filter(
      (member): member is [string, unknown[]] =>
        shape.get(member[0])?.nested != null && Array.isArray(member[1]) && member[1].length > SLICE,
    );
    const first = { ...members };
    for (const [name, items] of long) first[name] = items.slice(0, SLICE);
    const validated = await this.validate(first, metadata, problems);
    for (const [name, items] of long) {
      for (let from = SLICE; from < items.length && !problems.full; from += SLICE) {
        await setImmediate();
        const slice = { ...first, [name]: items.slice(from, from + SLICE) };
        const part = await this.validate(slice, metadata, problems, placeOf(name, from));
        if (validated && part) (validated[name] as unknown[]).push(...(part[name] as unknown[]));
      }
    }
    return validated;
  }

  private async validate(
    members: Members,
    metadata: ArgumentMetadata,
    problems: Problems,
    pathOf?: (path: string) => string,
  ): Promise<Members | null> {
    try {
      return (await this.validator.transform(members, metadata)) as Members;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problems.addAll(error.errors, '', pathOf);
      return null;
    }
  }
}

/** `items.3.id` of the slice that begins at 100 is `items.103.id` of the request. */
function placeOf(list: string, from: number): (path: string) => string {
  const start = `${list}.`;
  return (path) =>
    path.startsWith(start) ? path.slice(start.length).replace(/^\d+/, (at) => start + String(Number(at) + from)) : path;
}
