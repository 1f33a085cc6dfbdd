import { createParamDecorator } from '@nestjs/common';
import { InterlockError } from '../../platform/errors';
import { RequestContext } from '../../platform/http';
import { nodeActor, type NodeActor } from '../node-access';

/** `@CurrentActor() actor`: what the token of the call may do to the tree. */
export const CurrentActor = createParamDecorator((): NodeActor => {
  const caller = RequestContext.current()?.caller;
  if (!caller) throw new InterlockError('unauthenticated');
  return nodeActor(caller);
});
