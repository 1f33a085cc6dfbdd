export { ADMINISTRATOR } from './node-access';
export { NodeIntegrationService } from './node-integration.service';
export { NodeService } from './node.service';
export { NodesModule } from './nodes.module';
export { NODE_TYPES } from './store/node.repository';
export type { NodeType } from './store/node.repository';
