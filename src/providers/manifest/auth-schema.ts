const template = { type: 'string', pattern: '^[ -~]{1,200}$' } as const;
const seconds = { type: 'integer', minimum: 1, maximum: 86_400 } as const;

interface SharedForms {
  readonly object: (required: readonly string[], properties: Readonly<Record<string, unknown>>) => object;
  readonly place: object;
  readonly path: object;
  readonly name: object;
  readonly headers: object;
}

/** The form of `auth`: one for each kind. */
export function authSchema({ object, place, path, name, headers }: SharedForms) {
  const prefix = { type: 'string', pattern: '^[\\w ]{1,32}$' };
  const tokenPlace = { path: place, url: { type: 'string', format: 'uri', pattern: '^https://', maxLength: 500 } };
  return {
    type: 'object',
    required: ['kind'],
    discriminator: { propertyName: 'kind' },
    oneOf: [
      object(['kind', 'in', 'name'], {
        kind: { const: 'api_key' },
        in: { enum: ['header', 'query'] },
        name,
        prefix,
      }),
      object(['kind'], { kind: { const: 'bearer' } }),
      object(['kind', 'username', 'password'], {
        kind: { const: 'basic' },
        username: { type: 'string', maxLength: 100 },
        password: { type: 'string', maxLength: 100 },
      }),
      object(['kind', 'login', 'token'], {
        kind: { const: 'two_step' },
        login: object([], {
          ...tokenPlace,
          method: { enum: ['POST', 'PUT', 'GET'] },
          json: { $ref: '#/$defs/loginBody' },
          form: { type: 'object', maxProperties: 20, propertyNames: name, additionalProperties: template },
          headers,
        }),
        token: path,
        expiresIn: path,
        seconds,
        send: object(['header'], { header: name, prefix }),
      }),
      object(['kind', 'tokenEndpoint', 'clientId', 'clientSecret'], {
        kind: { const: 'oauth2_client_credentials' },
        tokenEndpoint: object([], tokenPlace),
        clientId: template,
        clientSecret: template,
        clientBy: { enum: ['basic', 'body'] },
        scope: template,
        audience: template,
        seconds,
      }),
      object(['kind', 'tokenEndpoint', 'clientId'], {
        kind: { const: 'oauth2_authorization_code' },
        tokenEndpoint: object([], tokenPlace),
        clientId: template,
        clientSecret: template,
        clientBy: { enum: ['basic', 'body'] },
        seconds,
      }),
      object(['kind', 'algorithm', 'key', 'seconds'], {
        kind: { const: 'signed_jwt' },
        algorithm: { enum: ['RS256', 'ES256', 'HS256'] },
        key: { type: 'string', pattern: '^[a-z][A-Za-z0-9]{0,31}$' },
        keyId: template,
        issuer: template,
        subject: template,
        audience: template,
        seconds,
        exchange: object([], { ...tokenPlace, scope: template }),
      }),
    ],
  };
}

/** The JSON body of a login: its texts are templates. */
export const LOGIN_BODY_SCHEMA = {
  type: 'object',
  minProperties: 1,
  maxProperties: 20,
  propertyNames: { pattern: '^[\\w.$@-]{1,100}$' },
  additionalProperties: { anyOf: [template, { type: ['number', 'boolean'] }, { $ref: '#/$defs/loginBody' }] },
} as const;
