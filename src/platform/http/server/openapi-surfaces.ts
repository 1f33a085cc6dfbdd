import type { OpenAPIObject } from '@nestjs/swagger';
import { ADMIN_DESCRIPTION, ADMIN_TAGS, DESCRIPTION, TAGS } from './openapi-text';

/** Whom a document is for. `public`: merchants and the owners of nodes; `admin`: the internal team. */
export type Surface = 'public' | 'admin';

interface SurfaceText {
  readonly title: string;
  readonly description: string;
  /** In reading order. */
  readonly tags: Readonly<Record<string, string>>;
}

const TEXT: Readonly<Record<Surface, SurfaceText>> = {
  public: { title: 'Interlock', description: DESCRIPTION, tags: TAGS },
  admin: { title: 'Interlock admin', description: ADMIN_DESCRIPTION, tags: ADMIN_TAGS },
};

type Paths = OpenAPIObject['paths'];

/**
 * The part of the document that is for one surface: its paths in the order of its tags, and the components that they
 * use.
 */
export function surfaceOf(document: OpenAPIObject, surface: Surface): OpenAPIObject {
  const { title, description, tags } = TEXT[surface];
  const order = Object.keys(tags);
  const place = (path: string, item: Paths[string]): number => {
    const [tag = ''] = Object.values(item as Record<string, { tags?: string[] }>).flatMap((each) => each.tags ?? []);
    if (!order.includes(tag)) throw new Error(`${path}: the tag ${tag} is not one of the ${surface} document.`);
    return order.indexOf(tag);
  };
  const paths = Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/admin/') === (surface === 'admin'))
    .map(([path, item]) => ({ path, item, place: place(path, item) }))
    .sort((one, other) => one.place - other.place);
  const part: OpenAPIObject = {
    ...document,
    info: { ...document.info, title, description },
    tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
    paths: Object.fromEntries(paths.map(({ path, item }) => [path, item])),
  };
  return { ...part, components: usedComponents(part) };
}

/** What no operation leads to is left out. */
function usedComponents(document: OpenAPIObject): NonNullable<OpenAPIObject['components']> {
  const components = (document.components ?? {}) as Record<string, Record<string, unknown>>;
  const used = new Set<string>();
  const visit = (part: unknown): void => {
    if (part === null || typeof part !== 'object') return;
    for (const value of Object.values(part)) {
      if (typeof value !== 'string' || !value.startsWith('#/components/')) visit(value);
      else if (!used.has(value)) {
        used.add(value);
        const [section = '', name = ''] = value.slice('#/components/'.length).split('/');
        visit(components[section]?.[name]);
      }
    }
  };
  visit(document.paths);
  const schemes = securitySchemes(document);
  const isUsed = (section: string, name: string): boolean =>
    section === 'securitySchemes' ? schemes.has(name) : used.has(`#/components/${section}/${name}`);
  return Object.fromEntries(
    Object.entries(components).map(([section, parts]) => [
      section,
      Object.fromEntries(Object.entries(parts).filter(([name]) => isUsed(section, name))),
    ]),
  );
}

function securitySchemes({ paths }: OpenAPIObject): Set<string> {
  const operations = Object.values(paths).flatMap((item) =>
    Object.values(item as Record<string, { security?: object[] }>),
  );
  return new Set(operations.flatMap(({ security = [] }) => security.flatMap((each) => Object.keys(each))));
}
