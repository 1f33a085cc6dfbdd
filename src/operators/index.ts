export { OperatorSightings } from './operator-sightings';
export { Operators } from './operators';
export { SIGN_IN_METHODS } from './store/operator.repository';
export type { Operator } from './store/operator.repository';
export { OperatorsModule } from './operators.module';
export { SignIns } from './sign-ins';
export { readSignInRequest, writeSignInRequest } from './sign-in-request';
export type { SignInRequest } from './sign-in-request';
export type { SignInResult } from './sign-ins';
