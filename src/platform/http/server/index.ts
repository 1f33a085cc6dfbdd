export { serveFrontPage } from './front-page';
export { setUpHttp } from './set-up-http';
export { openApiDocument } from './openapi';
export { serveOpenApi } from './serve-openapi';
