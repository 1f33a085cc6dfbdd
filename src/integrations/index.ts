export type { Integration, IntegrationConfiguration, IntegrationSlot } from './integration';
export { ProviderIdPipe } from './http/provider-id.pipe';
export { IntegrationAccess } from './integration-access';
export { IntegrationsModule } from './integrations.module';
export { credentialContext, credentialSecret, ProviderSession } from './provider-session';
export type { OpenedSession } from './provider-session';
export { transition } from './state-machine';
export { ClaimRepository } from './store/claim.repository';
export { IntegrationRepository } from './store/integration.repository';
