/** What a client shows of itself with each request. */
export interface Credentials {
  headers(): Promise<Record<string, string>>;
  /** After a 401 to these headers: whether others can be had. */
  renew(refused: Record<string, string>): boolean;
}

export function apiKeyCredentials(apiKey: string): Credentials {
  return { headers: async () => ({ 'x-api-key': apiKey }), renew: () => false };
}

/** A token that others issue: as it is, or asked for each time. */
export function tokenCredentials(token: string | (() => string | Promise<string>)): Credentials {
  return {
    headers: async () => ({ authorization: `Bearer ${typeof token === 'string' ? token : await token()}` }),
    renew: () => false,
  };
}

export const NO_CREDENTIALS: Credentials = { headers: async () => ({}), renew: () => false };
