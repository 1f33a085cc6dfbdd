export { AuthModule } from './auth.module';
export { Authenticated } from './http/authenticated.decorator';
export { CurrentMerchant } from './http/current-merchant.decorator';
export type { CurrentMerchantScope } from './http/current-merchant.decorator';
export { ApiKeyService } from './api-key.service';
export { KeyAuthority } from './key-authority';
export { SigningKeys } from './signing-keys';
export { TokenService } from './token.service';
export { TokenVerifier } from './token-verifier';
