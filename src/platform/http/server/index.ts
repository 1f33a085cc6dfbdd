export { setUpHttp } from './set-up-http';
export { openApiDocument, serveOpenApi } from './openapi';
