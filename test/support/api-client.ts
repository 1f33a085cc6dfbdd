import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './api-types';

export type ApiClient = Client<paths>;

/** A client made of openapi.json alone, as an outside author would make it. */
export function apiClient(baseUrl: string, credentials: { apiKey?: string; token?: string } = {}): ApiClient {
  const { apiKey, token } = credentials;
  return createClient<paths>({
    baseUrl,
    headers: {
      ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
}
