// A real OpenID provider (oidc-provider) in a process of its own. It takes any login and password; the groups of an
// account are what its name says after the dot: `jo.admins` is in `admins`.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const server = createServer((request, response) => handle(request, response));
let handle = (_request, response) => response.writeHead(503).end();

server.listen(0, '127.0.0.1', () => process.send({ issuer: `http://127.0.0.1:${server.address().port}` }));

process.on('message', ({ origin, secret }) => {
  const provider = new Provider(`http://127.0.0.1:${server.address().port}`, {
    clients: [
      {
        client_id: 'interlock',
        client_secret: secret,
        redirect_uris: [`${origin}/admin/sign-in/callback`],
        backchannel_logout_uri: `${origin}/admin/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    claims: { openid: ['sub', 'groups'], profile: ['name'] },
    cookies: { keys: ['a key of the test'] },
    features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
    // the console is on this machine, which the provider's own client refuses
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Name of ${id}`, groups: id.split('.').slice(1) }),
    }),
    renderError: (context, out) => {
      context.body = `failed: ${out.error} ${out.error_description ?? ''}`;
    },
  });
  handle = provider.callback();
  process.send({ ready: true });
});
