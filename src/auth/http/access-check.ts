import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { readAccess } from './auth.guard';

/** Stops the boot when a handler does not say who may call it, or says it in the words of another surface. */
@Injectable()
export class AccessCheck implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onApplicationBootstrap(): void {
    const problems = this.discovery
      .getControllers()
      .flatMap(({ metatype }) => (metatype ? this.problemsOf(metatype) : []));
    if (problems.length > 0) {
      throw new Error(
        `Handlers that do not say who may call them:\n${problems.map((each) => `  - ${each}`).join('\n')}`,
      );
    }
  }

  private problemsOf(controller: NonNullable<unknown> & { name?: string; prototype?: object }): string[] {
    const prototype = controller.prototype as Record<string, NonNullable<unknown>>;
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name]!;
      if (!Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
      const access = readAccess(this.reflector, handler, controller);
      const where = `${controller.name}.${name}`;
      if (access === 'closed') return [`${where}: neither @Authenticated nor @Public`];
      if (access === 'public') return [];
      const merchantSurface = pathsOf(controller, handler).every((path) => /^v2(\/|$)/.test(path));
      const tokenSurface = pathsOf(controller, handler).every((path) => /^(api\/v1|admin)(\/|$)/.test(path));
      if (merchantSurface && access.scope === undefined) return [`${where}: under /v2 a scope is needed`];
      const adminSurface = pathsOf(controller, handler).some((path) => /^admin(\/|$)/.test(path));
      if (adminSurface && !access.acrossMerchants) return [`${where}: under /admin it is acrossMerchants`];
      if (tokenSurface && access.scope !== undefined) return [`${where}: scopes are for /v2`];
      return [];
    });
  }
}

function pathsOf(controller: object, handler: object): string[] {
  const prefixes = [Reflect.getMetadata(PATH_METADATA, controller) as string | string[] | undefined].flat();
  const suffixes = [Reflect.getMetadata(PATH_METADATA, handler) as string | string[] | undefined].flat();
  return prefixes.flatMap((prefix) =>
    suffixes.map((suffix) => `${prefix ?? ''}/${suffix ?? ''}`.replace(/\/+/g, '/').replace(/^\//, '')),
  );
}
