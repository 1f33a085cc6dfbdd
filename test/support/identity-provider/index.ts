import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export const CLIENT_SECRET = 'the-secret-of-the-client-of-the-tests';

export interface OpenIdProvider {
  readonly issuer: string;
  /** Registers the console at this origin. */
  register(origin: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  const child = fork(path.join(__dirname, 'provider.mjs'), { execArgv: [], silent: true });
  const answer = async (): Promise<{ issuer?: string }> => ((await once(child, 'message')) as [{ issuer?: string }])[0];
  const { issuer } = await answer();
  return {
    issuer: issuer!,
    register: async (origin) => {
      const ready = answer();
      child.send({ origin, secret: CLIENT_SECRET });
      await ready;
    },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly body: string;
}

/** What a browser does of a sign-in: cookies by site, redirects, forms. */
export class PlainBrowser {
  private readonly cookies = new Map<string, Map<string, string>>();
  /** Where it stops instead of following a redirect there. */
  stopAt: RegExp | null = null;

  cookie(origin: string, name: string): string | undefined {
    return this.cookies.get(origin)?.get(name);
  }

  setCookie(origin: string, name: string, value: string): void {
    this.jar(origin).set(name, value);
  }

  async open(address: string, init: RequestInit = {}): Promise<Page> {
    let url = address;
    let request = init;
    for (let hop = 0; hop < 20; hop++) {
      const { origin } = new URL(url);
      const cookie = [...this.jar(origin)].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, {
        ...request,
        redirect: 'manual',
        headers: { ...(request.headers as Record<string, string>), ...(cookie ? { cookie } : {}) },
      });
      for (const line of response.headers.getSetCookie()) this.keep(origin, line);
      const location = response.headers.get('location');
      if (location === null) return { url, status: response.status, body: await response.text() };
      await response.body?.cancel();
      url = new URL(location, url).href;
      request = {};
      if (this.stopAt?.test(url)) return { url, status: response.status, body: '' };
    }
    throw new Error(`too many redirects: ${url}`);
  }

  /** Sends the page's form with these fields. */
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const action = /<form[^>]*action="([^"]+)"/.exec(page.body)?.[1];
    if (action === undefined) throw new Error(`no form on ${page.url}: ${page.body.slice(0, 300)}`);
    const hidden = [...page.body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const body = new URLSearchParams([
      ...hidden.map(([, name, value]) => [name!, value!] as [string, string]),
      ...Object.entries(fields),
    ]);
    return this.open(new URL(action.replaceAll('&amp;', '&'), page.url).href, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    });
  }

  private jar(origin: string): Map<string, string> {
    let jar = this.cookies.get(origin);
    if (!jar) this.cookies.set(origin, (jar = new Map<string, string>()));
    return jar;
  }

  private keep(origin: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const at = pair.indexOf('=');
    const gone = attributes.some((each) => /^\s*expires=Thu, 01 Jan 1970/i.test(each));
    if (gone) this.jar(origin).delete(pair.slice(0, at));
    else this.jar(origin).set(pair.slice(0, at), pair.slice(at + 1));
  }
}
