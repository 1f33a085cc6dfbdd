const ASSIGNMENT = /^(# ?)?([A-Z][A-Z0-9_]*)=(.*)$/;

/** Every `NAME=value`, commented out or not. */
export function readEnvExample(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, , name, value] = ASSIGNMENT.exec(line) ?? [];
    if (name !== undefined) found[name] = value ?? '';
  }
  return found;
}

/** What the example file and the configuration schema do not both name; the order counts too, for readers of both. */
export function compareEnvironment(example: string, schema: readonly string[]): string[] {
  const named = Object.keys(readEnvExample(example));
  const problems = [
    ...schema
      .filter((name) => !named.includes(name))
      .map((name) => `${name} is in the schema but not in .env.example.`),
    ...named
      .filter((name) => !schema.includes(name))
      .map((name) => `${name} is in .env.example but not in the schema.`),
  ];
  if (problems.length === 0 && named.join() !== schema.join()) {
    problems.push('.env.example and the schema name the variables in a different order.');
  }
  return problems;
}
