import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** Metadata key that the guard of `auth` reads; here, so that the platform's own routes can carry it too. */
export const PUBLIC_ROUTE = 'interlock:public';

/** Opens a route to anyone. Every other route is closed until it names its callers. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC_ROUTE, true);
