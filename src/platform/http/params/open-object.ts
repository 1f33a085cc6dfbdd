import { ValidateBy } from 'class-validator';

export const OPEN_OBJECT = 'openObject';

/** An object whose members no DTO names, because data says which there are: flat, each bounded as any text is. */
export const IsOpenObject = (): PropertyDecorator =>
  ValidateBy({
    name: OPEN_OBJECT,
    validator: {
      validate: (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value),
      defaultMessage: () => 'must be an object',
    },
  });
