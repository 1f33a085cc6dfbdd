export { serveFrontPage } from './front-page';
export { setUpHttp } from './set-up-http';
export { openApiDocument, serveOpenApi } from './openapi';
