import { ApiExtension } from '@nestjs/swagger';

/** Where an operation says that it takes no empty body. The OpenAPI document tells it as `requestBody.required`. */
export const BODY_REQUIRED_EXTENSION = 'x-body-required';

/** `@BodyRequired()`: of several fields one must be given, though none of them by itself. */
export const BodyRequired = (): MethodDecorator => ApiExtension(BODY_REQUIRED_EXTENSION, true);
