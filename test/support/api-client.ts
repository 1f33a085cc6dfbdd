import createClient, { type Client } from 'openapi-fetch';
import { apiContract } from './api-client-contract';
import type { paths } from './api-types';

export type ApiClient = Client<paths>;

/** A client made of openapi.json alone, as an outside author would make it. Every answer must be one that it describes. */
export function apiClient(baseUrl: string, credentials: { apiKey?: string; token?: string } = {}): ApiClient {
  const { apiKey, token } = credentials;
  const client = createClient<paths>({
    baseUrl,
    headers: {
      ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  client.use({
    async onResponse({ request, response }) {
      const { pathname } = new URL(request.url);
      const problems = apiContract().problems({
        method: request.method,
        path: pathname,
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.clone().text(),
      });
      if (problems.length > 0) throw new Error(`Not as openapi.json says:\n${problems.join('\n')}`);
      return undefined;
    },
  });
  return client;
}
