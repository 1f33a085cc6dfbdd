export { serveFrontPage } from './front-page';
export { setUpHttp } from './set-up-http';
export { openApiDocument } from './openapi';
export { liveDocument, withServed, type LiveEnum } from './live-document';
export { serveOpenApi } from './serve-openapi';
