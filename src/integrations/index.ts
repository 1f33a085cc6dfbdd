export type { Integration, IntegrationConfiguration, IntegrationSlot } from './integration';
export { CurrentSlot } from './http/current-slot.decorator';
export { IntegrationAccess } from './integration-access';
export { providerFailureToError } from './provider-failure';
export { IntegrationsModule } from './integrations.module';
export {
  credentialContext,
  CredentialGone,
  credentialSecret,
  CredentialUnavailable,
  ProviderSession,
} from './provider-session';
export type { OpenedSession } from './provider-session';
export { transition } from './state-machine';
export { ClaimRepository } from './store/claim.repository';
export { IntegrationRepository } from './store/integration.repository';
