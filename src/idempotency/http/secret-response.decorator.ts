import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const SECRET_RESPONSE = 'interlock:secret-response';

/** The handler's answer holds a secret: it is kept for repetitions sealed by the vault only. */
export const SecretResponse = (): CustomDecorator => SetMetadata(SECRET_RESPONSE, true);
